/** Bearer tokens, compared in constant time. */

import { createHash, timingSafeEqual } from "node:crypto";

/** Whether an Authorization header carries this token. Digests make the lengths equal before they are compared. */
export function bearerIs(header: string | null | undefined, token: string): boolean {
  const given = /^Bearer\s+(.+)$/iu.exec(header ?? "")?.[1];
  return given !== undefined && timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
