// What a DHCP server offers to machines that start by PXE, asked as their firmware asks: a frame on the wire.
import type { TestHost } from "./test-host.ts";

/** A machine that asks. */
export interface DhcpQuestion {
  readonly mac: string;
  /** As RFC 4578 numbers them: 0 BIOS, 7 UEFI. */
  readonly architecture: number;
  /** It is iPXE that asks, and no firmware. */
  readonly isIpxe: boolean;
}

/** What it was offered; without a file there is nothing to boot. */
export interface DhcpOffer {
  readonly address: string;
  readonly file: string;
  readonly router: boolean;
}

/** Sends each question as a DISCOVER over a cable to dnsmasq, and prints the offers. */
const asker = `
import json, socket, struct, sys
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
wire.bind(("machine0", 0))
wire.settimeout(10)

def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total & 0xffff) + (total >> 16)
    return ~((total & 0xffff) + (total >> 16)) & 0xffff

def discover(number, mac, architecture, ipxe):
    options = b"\\x63\\x82\\x53\\x63" + bytes([53, 1, 1, 55, 3, 1, 3, 67])
    vendor = b"PXEClient:Arch:%05d:UNDI:003016" % architecture
    options += bytes([60, len(vendor)]) + vendor + bytes([93, 2]) + struct.pack("!H", architecture)
    if ipxe:
        options += bytes([175, 3, 1, 1, 1])
    message = struct.pack("!BBBBIHH4s4s4s4s", 1, 1, 6, 0, number, 0, 0x8000, *[b"\\0" * 4] * 4)
    message += mac + b"\\0" * 202 + options + b"\\xff"
    udp = struct.pack("!HHHH", 68, 67, 8 + len(message), 0) + message
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, b"\\0" * 4, b"\\xff" * 4)
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    return b"\\xff" * 6 + mac + struct.pack("!H", 0x0800) + head + udp

def offer(number):
    while True:
        frame = wire.recv(2048)
        message = frame[42:]
        if frame[23] == 17 and frame[34:38] == b"\\0\\x43\\0\\x44" and message[4:8] == struct.pack("!I", number):
            break
    options, at = {}, 240
    while message[at] != 255:
        options[message[at]] = message[at + 2 : at + 2 + message[at + 1]]
        at += 2 + message[at + 1]
    file = options.get(67, message[108:236]).split(b"\\0")[0].decode()
    return {"address": socket.inet_ntoa(message[16:20]), "file": file, "router": 3 in options}

offers = []
for number, (mac, architecture, ipxe) in enumerate(json.loads(sys.argv[1]), 1):
    wire.send(discover(number, bytes.fromhex(mac.replace(":", "")), architecture, ipxe))
    offers.append(offer(number))
print(json.dumps(offers))
`;

/**
 * Starts dnsmasq with a configuration, on a machine with that address, and asks.
 * @throws when dnsmasq refuses the configuration, or answers nothing
 */
export async function askForBoot(
  host: TestHost,
  configuration: string,
  address: string,
  questions: readonly DhcpQuestion[],
): Promise<DhcpOffer[]> {
  const asked = JSON.stringify(questions.map(({ mac, architecture, isIpxe }) => [mac, architecture, isIpxe]));
  const { stdout } = await host.succeeds(
    [
      `cat >/tmp/pxe.conf <<'FILE'\n${configuration}\nFILE`,
      `cat >/tmp/ask.py <<'FILE'${asker}FILE`,
      "mkdir -p /tmp/root && sed -i 's#^tftp-root=.*#tftp-root=/tmp/root#' /tmp/pxe.conf",
      "dnsmasq --test --conf-file=/tmp/pxe.conf",
      "ip link add server0 type veth peer name machine0",
      `ip addr add ${address}/24 dev server0`,
      "ip link set lo up; ip link set server0 up; ip link set machine0 up",
      "dnsmasq --conf-file=/tmp/pxe.conf --user=root --pid-file=/tmp/pid --dhcp-leasefile=/tmp/leases --no-ping",
      `python3 /tmp/ask.py '${asked}'`,
    ].join("\n"),
  );
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "[]") as DhcpOffer[];
}
