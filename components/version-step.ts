// Which version may follow which. The same rules are asked of the plan's last state in a preview, and of the live nodes in an update.

function numbersOf(version: string): [number, number, number] | undefined {
  const match = /^v(\d+)\.(\d+)\.(\d+)/.exec(version);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3])];
}

/**
 * Whether a cluster that runs `from` may be brought to `to`: never back, never over a minor release (Talos and Kubernetes test single steps
 * only). @returns what to tell the person, or undefined
 */
export function refuseVersionStep(what: "Talos" | "Kubernetes", from: string, to: string): string | undefined {
  const [old, next] = [numbersOf(from), numbersOf(to)];
  if (old === undefined || next === undefined || from === to) return undefined;
  const key = `versions.${what.toLowerCase()}`;
  const isBack =
    next[0] < old[0] || (next[0] === old[0] && (next[1] < old[1] || (next[1] === old[1] && next[2] < old[2])));
  if (isBack)
    return `${key}: the cluster runs ${what} ${from}, and ${to} is older; going back is not supported: set ${key} to ${from} or later`;
  if (next[0] !== old[0] || next[1] - old[1] > 1)
    return `${key}: the cluster runs ${what} ${from}, and ${to} skips a minor release; go to the newest v${old[0]}.${old[1] + 1} first`;
  return undefined;
}
