// A host's script run twice on a test host: what it leaves is judged, and the second run has to change nothing.
import { askedFile, runScript, standIns } from "./stand-ins.ts";
import type { TestHost } from "./test-host.ts";

/** A script and what it needs. */
export interface TwiceArgs {
  readonly script: string;
  /** Commands of a Proxmox VE host that a test host lacks (see `standIns`). */
  readonly tools: Readonly<Record<string, string>>;
  /** Brings the host into the state that the script finds. @default - as it is */
  readonly before?: string;
  /** Looks at what the script left. @default - nothing is looked at */
  readonly after?: string;
  readonly stdin?: string;
}

/** What came of it. */
export interface TwiceResult {
  /** Files in /etc and /root that are others after the second run. */
  readonly changed: readonly string[];
  /** What the second run asked of the stand-ins. */
  readonly asked: readonly string[];
  /** What `after` printed. */
  readonly said: string;
}

/** Runs it. */
export async function runTwice(host: TestHost, args: TwiceArgs): Promise<TwiceResult> {
  const files = (to: string): string => `find /etc /root -type f -exec sha256sum {} + | sort >${to}`;
  const { stdout } = await host.succeeds(
    [
      args.before ?? "",
      standIns(args.tools),
      `printf '%s' '${args.stdin ?? ""}' >/tmp/stdin`,
      runScript("script", args.script, "/tmp/stdin"),
      files("/tmp/first"),
      `: >${askedFile}`,
      "sh /tmp/script.sh </tmp/stdin >/dev/null",
      files("/tmp/second"),
      "echo ---; diff /tmp/first /tmp/second | awk '{ print $3 }' | sort -u",
      `echo ---; cat ${askedFile}`,
      `echo ---\n${args.after ?? ""}`,
    ].join("\n"),
  );
  const [, changed = "", asked = "", said = ""] = stdout.split("---\n");
  const lines = (text: string): string[] => text.split("\n").filter((line) => line !== "");
  return { changed: lines(changed), asked: lines(asked), said };
}
