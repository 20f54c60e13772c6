// How a provider's configuration names the rack it drives. The names end in .invalid (RFC 2606: they never resolve), so a configuration
// made for the lab cannot reach anything real, and one made for real hardware is refused here.

const DOMAIN = "rack.invalid";
const LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?";

/** The rack that a host name under `.rack.invalid` names, whatever service's name stands before it. */
export function rackNameFromHost(host: string | undefined, property: string, example: string): string {
  const match =
    host === undefined ? null : new RegExp(`^(?:${LABEL}\\.)*?(${LABEL})\\.${DOMAIN.replace(".", "\\.")}$`).exec(host);
  const name = match?.[1];
  if (name === undefined) {
    const found = host === undefined ? `${property} is not set` : `${property} names ${host}`;
    throw new Error(
      `this plug-in drives simulated racks only, and ${found}; set it to ${example}, or take lab/bin off PATH to use the official plug-in`,
    );
  }
  return name;
}

function hostOf(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  return URL.canParse(url) ? new URL(url).hostname : url;
}

/** proxmoxve: `endpoint: https://<rack>.rack.invalid:8006/` */
export function rackNameFromEndpoint(endpoint: string | undefined): string {
  return rackNameFromHost(hostOf(endpoint), "endpoint", `https://<rack>.${DOMAIN}:8006/`);
}

/** talos: `imageFactoryUrl: https://factory.<rack>.rack.invalid` */
export function rackNameFromFactory(imageFactoryUrl: string | undefined): string {
  return rackNameFromHost(hostOf(imageFactoryUrl), "imageFactoryUrl", `https://factory.<rack>.${DOMAIN}`);
}

/** command: `connection.proxy.host: ssh.<rack>.rack.invalid` */
export function rackNameFromProxy(proxyHost: string | undefined): string {
  return rackNameFromHost(proxyHost, "connection.proxy.host", `ssh.<rack>.${DOMAIN}`);
}

/** kubernetes: the kubeconfig's cluster has `proxy-url: http://<rack>.rack.invalid` */
export function rackNameFromKubeconfig(proxyUrl: string | undefined): string {
  return rackNameFromHost(hostOf(proxyUrl), "the kubeconfig's proxy-url", `http://<rack>.${DOMAIN}`);
}
