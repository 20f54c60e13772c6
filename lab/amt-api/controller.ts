// The AMT of one machine of the rack: takes WS-Management by HTTP, as the firmware does. Who carries the bytes is not its business: the
// simulated curl of the operator's machine, or server.ts for real clients.
import { type Amt, amts, FORCE_PXE, switchOnByAmt } from "../rack/amt.ts";
import { hosts } from "../rack/hosts.ts";
import type { Rack } from "../rack/store.ts";
import { type Challenge, challengeHeader, isAdmin, newChallenge } from "./digest.ts";
import { fault, getResponse, type Message, methodResponse, readMessage } from "./messages.ts";

/** A request as it came by HTTP. */
export interface AmtRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization?: string | undefined;
  readonly body: string;
}

/** What goes back. */
export interface AmtReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const html = (status: number, headers: Readonly<Record<string, string>> = {}): AmtReply => ({
  status,
  headers: { Server: "Intel(R) Active Management Technology 16.1.25", "Content-Type": "text/html", ...headers },
  body: "",
});
const soap = (status: number, body: string): AmtReply => ({
  status,
  headers: {
    Server: "Intel(R) Active Management Technology 16.1.25",
    "Content-Type": "application/soap+xml; charset=UTF-8",
  },
  body,
});

/** Return values of CIM methods. */
const OK = 0;
const INVALID_PARAMETER = 5;
const INVALID_STATE_TRANSITION = 4097;

/** One controller; it remembers whom it has challenged. */
export class AmtController {
  readonly #rack: Rack;
  readonly #host: string;
  readonly #challenges = new Map<string, Challenge>();

  constructor(rack: Rack, host: string) {
    this.#rack = rack;
    this.#host = host;
  }

  /** Answers one request. */
  answer({ method, path, authorization, body }: AmtRequest): AmtReply {
    const amt = amts(this.#rack).get(this.#host);
    if (path !== "/wsman" || amt === undefined) return html(404);
    if (method !== "POST") return html(405);
    if (!isAdmin(authorization, this.#challenges, amt.password)) {
      const challenge = newChallenge();
      this.#challenges.set(challenge.nonce, challenge);
      return html(401, { "WWW-Authenticate": challengeHeader(challenge) });
    }
    const message = readMessage(body);
    if (typeof message === "string") return soap(400, fault("wsman:SchemaValidationError", message));
    return this.#rack.transaction(() => this.#dispatch(message, amt));
  }

  #dispatch(message: Message, amt: Amt): AmtReply {
    switch (`${message.resource} ${message.action}`) {
      case "CIM_AssociatedPowerManagementService Get":
        return soap(200, getResponse(message, `<g:PowerState>${this.#powerState(amt)}</g:PowerState>`));
      case "CIM_BootConfigSetting ChangeBootOrder":
        return amt.wantsConsent ? denied() : this.#result(message, this.#changeBootOrder(message));
      case "CIM_BootService SetBootConfigRole":
        return amt.wantsConsent ? denied() : this.#result(message, this.#setRole(message));
      case "CIM_PowerManagementService RequestPowerStateChange":
        return this.#result(message, this.#changePower(message));
      default:
        return soap(400, fault("wsa:ActionNotSupported", `${message.action} of ${message.resource} is not simulated`));
    }
  }

  #isOn(): boolean {
    return hosts(this.#rack).get(this.#host)?.powered === true;
  }

  /** CIM's numbers: 2 on, 4 asleep, 8 off. */
  #powerState({ isAsleep }: Amt): number {
    return this.#isOn() ? 2 : isAsleep ? 4 : 8;
  }

  #result(message: Message, value: number): AmtReply {
    return soap(200, methodResponse(message, value));
  }

  #changeBootOrder({ selectors }: Message): number {
    const source = selectors["InstanceID"];
    const known = [FORCE_PXE, "Intel(r) AMT: Force Hard-drive Boot", "Intel(r) AMT: Force CD/DVD Boot"];
    if (source === undefined || !known.includes(source)) return INVALID_PARAMETER;
    amts(this.#rack).edit(this.#host, (body) => {
      body.bootSource = source;
    });
    return OK;
  }

  #setRole({ selectors, parameters }: Message): number {
    const isKnown = selectors["InstanceID"] === "Intel(r) AMT: Boot Configuration 0";
    const role = Number(parameters["Role"]);
    if (!isKnown || ![1, 32768].includes(role)) return INVALID_PARAMETER;
    amts(this.#rack).edit(this.#host, (body) => {
      body.isForNextStart = role === 1;
    });
    return OK;
  }

  #changePower({ selectors, parameters }: Message): number {
    const state = Number(parameters["PowerState"]);
    if (selectors["Name"] !== "ManagedSystem" || ![2, 5, 8, 10].includes(state)) return INVALID_PARAMETER;
    // What the program never asks for is refused, and not acted out.
    if (state !== 2 || this.#isOn()) return INVALID_STATE_TRANSITION;
    switchOnByAmt(this.#rack, this.#host);
    return OK;
  }
}

const denied = (): AmtReply =>
  soap(400, fault("wsman:AccessDenied", "The sender was not authorized to access the resource."));
