import type { RawField, ReadFrom, Source } from '@penstock/engine';
import { type ObjectType, parseSchema } from '@penstock/language';
import type { ApplicationAccess } from '../application-access.js';
import { refused } from '../application-errors.js';
import { compilePointer } from '../json-pointer.js';
import { readId, readProperties, readUpdateTime } from '../user-columns.js';
import { type ListedUser, type UsersPage, UsersReader } from '../users-reader.js';
import { connectApplication } from './connect.js';
import type { ListSettings } from './list-settings.js';
import { listUsers } from './list-users.js';
import type { ApplicationSettings } from './settings.js';

/** The users of an application that lists them. */
export function httpSource(settings: ApplicationSettings, expected: ObjectType, access: ApplicationAccess): Source {
  return {
    open: async (from: ReadFrom | null, signal: AbortSignal) => {
      const { list } = settings;
      if (list === undefined)
        throw refused('source', 'the settings of the connection do not say how users are listed: set list');
      const application = connectApplication(settings, { side: 'source', access, signal });
      const pages = listUsers(application, { settings, list, side: 'source', from });
      return new UsersReader({
        pages: asUsers(pages, list),
        properties: readProperties(expected, parseSchema(settings.schema)),
        from,
        close: async () => await application.client.close(),
      });
    },
  };
}

async function* asUsers(pages: AsyncIterable<readonly unknown[]>, list: ListSettings): AsyncGenerator<UsersPage> {
  const read = userReader(list);
  for await (const users of pages) yield { users: users.map(read) };
}

function userReader({ idPointer, updatedAtPointer }: ListSettings): (user: unknown) => ListedUser | null {
  const id = compilePointer(idPointer);
  const updatedAt = updatedAtPointer === undefined ? undefined : compilePointer(updatedAtPointer);
  // An application that does not tell is taken to have changed all users just now.
  const now = readUpdateTime(new Date());
  return (user) => {
    if (typeof user !== 'object' || user === null || Array.isArray(user)) return null;
    const members = user as Readonly<Record<string, unknown>>;
    return {
      id: readId(id(user)),
      updatedAt: updatedAt === undefined ? now : timeOf(updatedAt(user)),
      member: (name) => (Object.hasOwn(members, name) ? members[name] : undefined),
    };
  };
}

function timeOf(raw: unknown): RawField {
  return raw === undefined ? undefined : readUpdateTime(raw);
}
