import type { Sql } from "../db/tx.ts";

export interface RevokedTokens {
  /** Whether the token with this id was revoked more than a second ago. */
  has(jti: string): Promise<boolean>;
}

const freshMs = 900;

/** The ids of revoked tokens that have not ended, read at most once in 0.9 s however many requests ask. */
export function createRevokedTokens(
  sql: Sql,
  now: () => number = performance.now.bind(performance),
): RevokedTokens {
  let known: Promise<ReadonlySet<string>> | undefined;
  let readAtMs = 0;
  return {
    async has(jti) {
      if (!known || now() - readAtMs >= freshMs) {
        readAtMs = now();
        const reading = readIds(sql);
        reading.catch(() => known === reading && (known = undefined));
        known = reading;
      }
      return (await known).has(jti);
    },
  };
}

async function readIds(sql: Sql): Promise<ReadonlySet<string>> {
  const rows = await sql<{ jti: string }[]>`
    select jti from federation.revoked_token where expires_at > clock_timestamp()`;
  return new Set(rows.map((row) => row.jti));
}
