// Ceph's packages on one host.
import { quote, renderScript } from "./script.ts";

/**
 * Installs a release of Ceph. A host with another release is left alone: Ceph is upgraded daemon by daemon, in an order of its own.
 *
 * Uses: command (builtin), dpkg-query, printf, pveceph, yes.
 */
export function renderCephInstall(args: { readonly host: string; readonly version: string }): string {
  const major = releases[args.version];
  if (major === undefined) throw new Error(`Ceph ${args.version} is none of ${Object.keys(releases).join(", ")}`);
  return renderScript(
    { host: args.host, step: `Ceph ${args.version}` },
    `
if command -v ceph-mon >/dev/null 2>&1; then
  installed=$(dpkg-query -W -f ${quote("${Version}")} ceph-mon)
  case $installed in
    ${major}.*) say "nothing to do: $installed is installed" ;;
    *) fail "$installed is installed, which is no ${args.version} (${major}); upgrade it by Proxmox's guide, or set ceph.version to what is there" ;;
  esac
else
  yes | bounded 1800 pveceph install --repository no-subscription --version ${quote(args.version)} >&2
  command -v ceph-mon >/dev/null 2>&1 || fail "pveceph install ended without ceph-mon; see /var/log/apt/term.log"
fi
`,
  );
}

/** Major version of each release (docs.ceph.com/en/latest/releases). */
const releases: Readonly<Record<string, string>> = { squid: "19", tentacle: "20" };
