// An AMT of the rack with its machine off, as the real clients find it.
import { AmtController, type AmtReply, type AmtRequest } from "../../lab/amt-api/controller.ts";
import { serveAmt } from "../../lab/amt-api/server.ts";
import { type Amt, amts } from "../../lab/rack/amt.ts";
import { hosts } from "../../lab/rack/hosts.ts";
import type { Rack } from "../../lab/rack/store.ts";

/** AMT of one host at a loopback address. */
export interface ServedAmt {
  readonly address: string;
  isOn(): boolean;
  setup(): Amt | undefined;
  close(): Promise<void>;
}

/** Serves it. `alter`: what a broken one would answer. */
export async function servedAmt(
  rack: Rack,
  host: string,
  { tls = false, alter = (reply: AmtReply): AmtReply => reply, onPower = (): void => {} } = {},
): Promise<ServedAmt> {
  const address = "127.0.16.92";
  const controller = new AmtController(rack, host);
  const isOn = (): boolean => hosts(rack).get(host)?.powered === true;
  const answer = (request: AmtRequest): AmtReply => {
    const reply = controller.answer(request);
    if (isOn()) onPower();
    return alter(reply);
  };
  const { close } = await serveAmt({ answer, address, tls });
  return { address, isOn, setup: () => amts(rack).get(host), close };
}
