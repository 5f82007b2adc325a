/** The settings of a connection or a warehouse that lead to the database of a PostgreSQL URL. */
export function connectionSettings(url: string): Record<string, unknown> {
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    host: hostname,
    port: Number(port),
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: pathname.slice(1),
    schema: 'public',
  };
}
