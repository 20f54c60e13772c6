// Commands of a Proxmox VE host that no test host has: what a script asks of them is written down, what they answer is said here.
import { quote } from "../../components/host-scripts/script.ts";

/** File on the test host with one line for each time that a stand-in was asked, e.g. `modprobe thunderbolt`. */
export const askedFile = "/tmp/asked";

/** Puts commands before all others on the path: by name, a body for `sh`, with the arguments in `$@`. */
export function standIns(commands: Readonly<Record<string, string>>): string {
  const lines = Object.entries(commands).map(([name, body]) => {
    const text = `#!/bin/sh\nprintf '%s\\n' "${name} $*" >>${askedFile}\n${body}\n`;
    return `printf '%s' ${quote(text)} >/stand-ins/${name}\nchmod +x /stand-ins/${name}\n`;
  });
  return `mkdir -p /stand-ins\nPATH=/stand-ins:$PATH\nexport PATH\n${lines.join("")}`;
}

/** Runs a script as it is run on a host; `name` is the file it is put in, `stdin` one that it reads. */
export const runScript = (name: string, script: string, stdin = "/dev/null"): string =>
  `cat >/tmp/${name}.sh <<'END_OF_SCRIPT'\n${script}\nEND_OF_SCRIPT\nsh /tmp/${name}.sh <${stdin}\n`;
