// What every LINSTOR script starts with: the command line without colours and box-drawing, and its tables as words.
import { renderScript } from "../host-scripts/script.ts";

/**
 * Wraps the body of a script that talks to the LINSTOR controller (its address is in `LS_CONTROLLERS`).
 *
 * - `ls_ words…`: the command line, plain.
 * - `row`: its table on stdin, one line a row, cells separated by one `|` without blanks around them.
 *
 * Uses: awk, grep, linstor, printf, sed, sleep.
 */
export function renderLinstorScript(step: string, body: string): string {
  return renderScript({ host: "LINSTOR", step }, `${helpers}\n${body.trim()}`);
}

const helpers = `
ls_() { linstor --no-color --no-utf8 "$@"; }
row() { sed -n 's/^| *//; t row; d; :row; s/ *|$//; s/ *| */|/g; p'; }
`.trim();
