/** Which PostgreSQL URLs lead to this machine. Pure: nothing is resolved or connected to. */

/**
 * Whether a PostgreSQL URL leads to this machine: a loopback address, `localhost`, or a Unix socket (libpq: a host that begins with a slash, in
 * the authority or as `?host=`, or none at all, where `PGHOST` decides). Every host of a list must.
 */
export function isLoopback(url: string, pgHost: string | undefined): boolean {
  const [, authority = "", parameters = ""] = /^postgres(?:ql)?:\/\/([^/?]*)[^?]*(?:\?(.*))?$/u.exec(url) ?? [];
  if (!/^postgres(ql)?:\/\//u.test(url)) return false;
  const query = new URLSearchParams(parameters);
  const host = query.get("hostaddr") ?? query.get("host") ?? decodeURIComponent(authority.replace(/^.*@/u, ""));
  const named = host === "" ? (pgHost ?? "") : host;
  return named.split(",").every((host) => {
    const bare = host.replace(/:\d+$/u, "").replace(/^\[(.*)\]$/u, "$1");
    return (
      bare === "" || bare.startsWith("/") || bare === "localhost" || bare === "::1" || /^127(\.\d{1,3}){3}$/u.test(bare)
    );
  });
}
