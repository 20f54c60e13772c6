// Which path each pair of nodes has, and the scripts that make and verify them.
import type { LinstorPlan } from "../../plan/plan.ts";
import { renderLinstorScript } from "./script.ts";

/** Slice of the plan that decides the paths. */
export type PathsPlan = Pick<LinstorPlan, "connections" | "method" | "adoptPaths">;

/**
 * Name of a connection's path. By hand it is another one than by custom resource: what the operator takes back when the resource goes is
 * then not what the command line has made, and the other way round.
 */
function pathName(plan: Pick<LinstorPlan, "method">, connection: string): string {
  return plan.method === "crd" ? connection : `manual-${connection}`;
}

/** One line a pair: both nodes, path, interface. */
function pairs(plan: PathsPlan): string[] {
  return plan.connections.flatMap(({ name, interface: link, pairs: of }) =>
    of.map(([a, b]) => `${a} ${b} ${pathName(plan, name)} ${link}`),
  );
}

const readPaths = String.raw`
wanted=$(cat <<'PAIRS'
PAIRS_HERE
PAIRS
)
# path, node, interface
paths_of() {
  properties=$(rows node-connection path list "$1" "$2") || return 1
  printf '%s\n' "$properties" | sed -n 's,^Paths/\([^/]*\)/\([^|]*\)|,\1 \2 ,p'
}
leads() { printf '%s\n' "$1" | grep -qxF "$4 $2 $5" && printf '%s\n' "$1" | grep -qxF "$4 $3 $5"; }
`.trim();

/** Makes each path once per unordered pair: there is no path in the other direction. */
export function renderCreatePaths(plan: PathsPlan): string {
  return renderLinstorScript(
    "paths",
    String.raw`
${readPaths.replace("PAIRS_HERE", pairs(plan).join("\n"))}
printf '%s\n' "$wanted" | while read -r a b path link; do
  ends=$(paths_of "$a" "$b")
  if ! leads "$ends" "$a" "$b" "$path" "$link"; then
    say "$a and $b get path $path over $link"
    ls_ node-connection path create "$a" "$b" "$path" "$link" "$link"
  fi
done
`,
  );
}

/** Waits until both ends of every pair have their path, and then takes away the paths that nobody wants any more. */
export function renderVerifyPaths(plan: PathsPlan): string {
  const kept = [...new Set([...plan.connections.map(({ name }) => pathName(plan, name)), ...plan.adoptPaths])].sort();
  return renderLinstorScript(
    "paths",
    String.raw`
${readPaths.replace("PAIRS_HERE", pairs(plan).join("\n"))}
kept=$(cat <<'KEPT'
${kept.join("\n")}
KEPT
)
has() { ends=$(paths_of "$1" "$2") && leads "$ends" "$@"; }
printf '%s\n' "$wanted" | while read -r a b path link; do
  wait_for "path $path over $link between $a and $b (linstor node-connection path list $a $b)" 36 5 has "$a" "$b" "$path" "$link"
done
printf '%s\n' "$wanted" | while read -r a b path link; do
  ends=$(paths_of "$a" "$b")
  for other in $(printf '%s\n' "$ends" | awk '!seen[$1]++ { print $1 }'); do
    if printf '%s\n' "$kept" | grep -qxF "$other"; then continue; fi
    say "$a and $b lose path $other, which is not in linstor.adoptPaths"
    ls_ node-connection path delete "$a" "$b" "$other"
  done
done
say "$(printf '%s\n' "$wanted" | grep -c .) pairs have their path"
`,
  );
}
