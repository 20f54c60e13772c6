// Where a host's packages come from: an installed host asks Proxmox's enterprise repositories, which refuse everybody without a subscription.
import { renderScript } from "./script.ts";

/**
 * Switches off every repository of enterprise.proxmox.com, in the files that Proxmox VE 9 has (deb822: `Enabled: no`) and in those that older
 * releases left. With such a repository `apt-get update` ends with 401, and nothing can be installed. A host with a subscription keeps them.
 *
 * Uses: awk, cat, grep, printf, pvesubscription, sed, tee.
 */
export function renderPackageSources(args: { readonly host: string }): string {
  return renderScript(
    { host: args.host, step: "package sources" },
    String.raw`
if pvesubscription get 2>/dev/null | grep -qi '^status: active'; then
  say "nothing to do: the host has a subscription"
  exit 0
fi
for file in /etc/apt/sources.list.d/*.sources; do
  grep -qs 'enterprise\.proxmox\.com' "$file" || continue
  wanted=$(awk '
    BEGIN { RS = ""; FS = "\n" }
    {
      if (NR > 1) print ""
      isPaid = $0 ~ /URIs:[^\n]*enterprise\.proxmox\.com/
      for (i = 1; i <= NF; i++) if (!isPaid || tolower($i) !~ /^enabled:/) print $i
      if (isPaid) print "Enabled: no"
    }' "$file")
  [ "$wanted" != "$(cat "$file")" ] || continue
  printf '%s\n' "$wanted" | tee "$file" >/dev/null
  say "switched off in $file"
done
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
  grep -qs '^deb .*enterprise\.proxmox\.com' "$file" || continue
  sed -i 's|^deb .*enterprise\.proxmox\.com|# &|' "$file"
  say "switched off in $file"
done
say "done"
`,
  );
}
