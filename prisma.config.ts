import { defineConfig } from 'prisma/config';

const { DATABASE_URL } = process.env;

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  // A default, because generating the client needs no database and must not ask for one.
  datasource: { url: DATABASE_URL ?? 'postgresql://postgres:postgres@127.0.0.1:5432/penstock' },
});
