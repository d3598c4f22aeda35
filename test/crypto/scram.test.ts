import { expect, test } from "bun:test";
import postgres from "postgres";
import { randomPassword, scramVerifier } from "../../src/crypto/scram.ts";
import { testDatabase } from "../helpers/postgres.ts";

test("a SCRAM verifier is the one of RFC 7677's example", async () => {
  const verifier = await scramVerifier("pencil", Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64"));
  expect(verifier).toBe(
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
  );
});

test("Postgres keeps a verifier as it is, and lets in its password and no other", async () => {
  const database = await testDatabase();
  const admin = postgres(database.adminUrl, { max: 1, onnotice: () => {} });
  const role = `scram_${Bun.randomUUIDv7().replaceAll("-", "")}`;
  const logIn = async (password: string) => {
    const url = Object.assign(new URL(database.adminUrl), { username: role, password });
    const sql = postgres(url.href, { max: 1 });
    try {
      const [row] = await sql<{ name: string }[]>`select session_user::text as name`;
      return row?.name;
    } catch (error) {
      return error instanceof postgres.PostgresError ? error.code : error;
    } finally {
      await sql.end({ timeout: 5 });
    }
  };
  try {
    const password = randomPassword();
    const verifier = await scramVerifier(password);
    await admin.unsafe(`create role ${role} login password '${verifier}'`);
    await admin.unsafe(`grant connect on database ${database.name} to ${role}`);
    const [stored] = await admin`select rolpassword from pg_authid where rolname = ${role}`;
    expect(stored?.["rolpassword"]).toBe(verifier);
    expect(await logIn(password)).toBe(role);
    expect(await logIn(randomPassword())).toBe("28P01");
    expect(await logIn(verifier)).toBe("28P01");
  } finally {
    await admin.unsafe(`drop owned by ${role}`).catch(() => {});
    await admin.unsafe(`drop role if exists ${role}`);
    await admin.end({ timeout: 5 });
    await database.close();
  }
});
