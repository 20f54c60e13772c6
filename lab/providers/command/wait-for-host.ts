// The official plug-in dials again and again (dialErrorLimit, perDialTimeout): a host that is starting is waited for.
import { Unreachable } from "../../host/ssh.ts";
import { NotYet } from "../../plugin/contract.ts";

/** Ten attempts with a growing pause between them, in seconds. */
const DIALLING_SEC = 60;

/** Runs `work`; a host that does not answer may still come. */
export function waitForHost<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Unreachable) throw new NotYet(error.message, DIALLING_SEC);
    throw error;
  }
}
