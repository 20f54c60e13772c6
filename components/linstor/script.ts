// What every LINSTOR script starts with: the command line without colours and box-drawing, and its tables as words.
import { renderScript } from "../host-scripts/script.ts";

/**
 * Wraps the body of a script that talks to the LINSTOR controller (its address is in `LS_CONTROLLERS`).
 *
 * - `ls_ words…`: the command line, plain; a controller that does not answer is given a minute.
 * - `rows words…`: the table that the command line prints, one line a row, cells separated by one `|` without blanks around them. Fails where
 *   there is no whole table to read: whoever pipes it further has to look at that first (`cells=$(rows …) || return`).
 *
 * Uses: awk, grep, linstor, printf, sed, sleep.
 */
export function renderLinstorScript(step: string, body: string): string {
  return renderScript({ host: "LINSTOR", step }, `${helpers}\n${body.trim()}`);
}

// The client ends with 0 and one sentence where two nodes have no connection.
const helpers = `
ls_() { linstor --no-color --no-utf8 --timeout 60 "$@"; }
rows() {
  table=$(ls_ "$@") || { say "linstor $* has failed\${table:+: $table}"; return 1; }
  case $table in
    +*=*+) printf '%s\\n' "$table" | sed -n 's/^| *//; t row; d; :row; s/ *|$//; s/ *| */|/g; p' ;;
    "No property map found"*) ;;
    *) say "linstor $* has printed no table: $table"; return 1 ;;
  esac
}
`.trim();
