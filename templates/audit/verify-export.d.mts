export interface ExportedEvent {
  stream: string;
  seq: number;
  /** Microseconds since 1970. */
  at_us: number;
  actor: string;
  actor_kind: string;
  action: string;
  target: string | null;
  department: string | null;
  decision: string;
  reason: string | null;
  request_id: string | null;
  /** JSON text, as it was hashed. */
  meta: string;
  /** Hex. */
  subject_commit: string | null;
  hash: string;
}

export interface Head {
  stream: string;
  seq: number;
  at_us: number;
  hash: string;
}

export interface SignedRoot {
  n: number;
  at_us: number;
  /** SHA-256 of the checkpoint's file before it. */
  previous: string;
  /** Number of heads. */
  size: number;
  root: string;
  key_id: string;
  signature: string;
}

export interface Verification {
  ok: boolean;
  events: number;
  streams: number;
  problems: string[];
  /** What checkpoints named and a later one gave up: lost with a restored backup, or cut. */
  gaps: string[];
  first_bad?: string;
  /** Whether a key from elsewhere was given. */
  pinned: boolean;
  /** The last checkpoint that was compared; 0 = none. */
  checkpoint: number;
}

export const genesis: string;
export function rowHash(row: ExportedEvent, previous: string): string;
export function leafHash(head: Head): Buffer;
export function treeRoot(leaves: readonly Buffer[]): Buffer;
export function checkpointText(checkpoint: Omit<SignedRoot, "signature">): string;
export function isSigned(text: string, signature: string, publicKeys: readonly string[]): boolean;
export function readAnchor(
  directory: string,
  problem: (text: string) => void,
  trusted?: readonly string[],
): Promise<{
  seen: Map<string, Map<number, { hash: string; at_us: number }>>;
  heads: Map<string, Head>;
  last: number;
  gaps: string[];
}>;
export function verifyExport(
  chunks: AsyncIterable<Uint8Array>,
  options?: { key?: string | readonly string[] | undefined; anchor?: string | undefined },
): Promise<Verification>;
