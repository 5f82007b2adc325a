import { newEntityId } from '@penstock/domain';
import { Prisma } from '../../generated/prisma/client.js';

const MAX_TRIES = 5;

/**
 * Inserts something under a random id, with another id when that one is taken. `insert` must do nothing but insert: it is
 * repeated as a whole.
 */
export async function withNewId(
  insert: (id: number) => Promise<unknown>,
  draw: () => number = newEntityId,
): Promise<number> {
  for (let tries = 1; ; tries++) {
    const id = draw();
    try {
      await insert(id);
      return id;
    } catch (error) {
      if (!isUniqueViolation(error) || tries === MAX_TRIES) throw error;
    }
  }
}

function isUniqueViolation(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002';
}
