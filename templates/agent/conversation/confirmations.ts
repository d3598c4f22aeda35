import { randomUUID } from "node:crypto";
import type { Arguments } from "../schema.ts";

export interface Proposal {
  id: string;
  tool: string;
  args: Arguments;
}

export type Confirmed = { ok: true; proposal: Proposal } | { ok: false; why: string };

export interface Confirmations {
  /** The user has said something. */
  userTurn(): void;
  propose(tool: string, args: Arguments): Proposal;
  /** The proposal, once: after a turn of the user that came after it, and not later than it lives. */
  confirm(id: string): Confirmed;
  /** Those that were neither confirmed nor told as over yet; they are gone afterwards. */
  takeOpen(): Proposal[];
}

export interface ConfirmationOptions {
  lifeSeconds?: number;
  /** The oldest gives way. */
  openMax?: number;
  nowMs?: () => number;
}

interface Open extends Proposal {
  turn: number;
  endsAtMs: number;
}

/** What the model wants to change, until the user had a chance to object. Ids are random: a model cannot guess one. */
export function createConfirmations(options: ConfirmationOptions = {}): Confirmations {
  const { lifeSeconds = 300, openMax = 20, nowMs = () => performance.now() } = options;
  const open = new Map<string, Open>();
  const given = new Set<string>();
  let turn = 0;

  return {
    userTurn: () => void turn++,
    propose(tool, args) {
      const proposal = { id: randomUUID(), tool, args };
      const [oldest] = open.keys();
      if (open.size >= openMax && oldest !== undefined) open.delete(oldest);
      open.set(proposal.id, { ...proposal, turn, endsAtMs: nowMs() + lifeSeconds * 1000 });
      return proposal;
    },
    confirm(id) {
      const found = open.get(id);
      if (given.has(id)) return { ok: false, why: "This was confirmed before; it runs only once." };
      if (!found) return { ok: false, why: "There is no such proposal." };
      if (nowMs() >= found.endsAtMs) return { ok: false, why: "The proposal has expired: propose it again." };
      if (turn === found.turn) {
        return {
          ok: false,
          why: "The user has not answered since the proposal: ask, and wait for the answer.",
        };
      }
      open.delete(id);
      given.add(id);
      return { ok: true, proposal: { id, tool: found.tool, args: found.args } };
    },
    takeOpen() {
      const all = [...open.values()].map(({ id, tool, args }) => ({ id, tool, args }));
      open.clear();
      return all;
    },
  };
}
