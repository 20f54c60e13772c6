// More than one way for corosync: links that exist only after the hosts' other networks are up.
import { quote, renderScript } from "./script.ts";

/** Arguments of {@link renderCorosyncLinks}. */
export interface CorosyncLinksScript {
  /** Any member; the file is the same on all. */
  readonly host: string;
  /** Addresses of each member in the order of the links, the management network's first. */
  readonly members: readonly { readonly host: string; readonly links: readonly string[] }[];
}

/**
 * Writes every member's addresses into `/etc/pve/corosync.conf` (pvecm, "Adding Redundant Links To An Existing Cluster"); corosync takes
 * them over while it runs. A link that does not answer is refused: it would be there in name only.
 *
 * Uses: awk, cat, cp, grep, mv, ping, printf, pvecm, sleep, tee.
 */
export function renderCorosyncLinks(args: CorosyncLinksScript): string {
  const addresses = args.members.flatMap(({ host, links }) => links.map((link, index) => `${host} ${index} ${link}`));
  const others = args.members.flatMap(({ host, links }) =>
    host === args.host ? [] : links.slice(1).map((link) => `${host} ${link}`),
  );
  return renderScript(
    { host: args.host, step: "corosync links" },
    String.raw`
file=/etc/pve/corosync.conf
is_quorate() { pvecm status | grep -E '^Quorate: +Yes'; }
# host, link, address
wanted=$(cat <<'LINKS'
${addresses.join("\n")}
LINKS
)
# Takes over the file but for its version: it counts changes, and is raised only when there is one.
rewrite() {
  awk -v wanted="$wanted" -v raise="$1" '
    BEGIN {
      count = split(wanted, lines, "\n")
      for (i = 1; i <= count; i++) {
        split(lines[i], word, " ")
        address[word[1], word[2]] = word[3]
        link[word[2]] = 1
        if (word[2] + 0 > last) last = word[2] + 0
      }
    }
    $2 == "{" { depth++; block[depth] = $1 }
    depth == 2 && block[2] == "node" {
      held = held $0 "\n"
      if ($1 == "name:") name = $2
      if ($1 == "}") { print_node(); held = ""; name = ""; depth-- }
      next
    }
    depth == 1 && block[1] == "totem" && $1 == "config_version:" { sub(/[0-9]+/, $2 + raise) }
    depth == 2 && block[1] == "totem" && $1 == "linknumber:" { present[$2] = 1 }
    depth == 1 && block[1] == "totem" && $1 == "}" {
      for (i = 0; i <= last; i++) if (link[i] && !present[i]) print "  interface {\n    linknumber: " i "\n  }"
    }
    $1 == "}" { depth-- }
    { print }
    function print_node(   i, n, row, word) {
      n = split(held, row, "\n")
      for (i = 1; i < n; i++) {
        split(row[i], word, " ")
        if (word[1] ~ /^ring[0-9]+_addr:$/ && (name, substr(word[1], 5, length(word[1]) - 10)) in address) continue
        if (word[1] == "}") for (j = 0; j <= last; j++) if ((name, j) in address) print "    ring" j "_addr: " address[name, j]
        print row[i]
      }
    }
  ' "$file"
}

for member in $(printf '%s\n' "$wanted" | awk '$2 == 0 { print $1 }'); do
  grep -qE "^ *name: $member\$" "$file" || fail "$member is not in $file; it has to join the cluster first"
done
if [ "$(rewrite 0)" = "$(cat "$file")" ]; then
  say "nothing to do: all links are there"
  exit 0
fi
${others
  .map((other) => other.split(" "))
  .map(
    ([host, address]) =>
      `wait_for ${quote(`${host} on its address ${address} (cable, VLAN or MTU of that network)`)} 15 2 ping -c 1 -W 2 ${address}`,
  )
  .join("\n")}
cp "$file" /root/corosync.conf.before
rewrite 1 | tee "$file.new" >/dev/null
mv "$file.new" "$file"
wait_for "quorum after the change" 30 2 is_quorate
say "done"
`,
  );
}
