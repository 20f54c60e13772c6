// What an operating system image is, told by the address it was downloaded from.

/** What an image is, read from the place it was downloaded from (Talos image factory). */
interface BootImage {
  readonly url: string;
  readonly schematic?: string;
  /** e.g. `v1.13.0`. */
  readonly version?: string;
  /** `nocloud`, `metal`. */
  readonly platform?: string;
  /** Signed, and brings the keys that it is signed with. */
  readonly secureBoot: boolean;
}

/** Reads `https://factory…/image/<schematic>/<version>/<platform>-<arch>.<suffix>`. */
export function bootImage(url: string): BootImage {
  const secureBoot = /-secureboot(\.[^/]*)?$/.test(url);
  const match = /\/image\/([0-9a-f]+)\/(v[^/]+)\/([a-z]+)-[^/]*$/.exec(url);
  const [, schematic, version, platform] = match ?? [];
  return {
    url,
    secureBoot,
    ...(schematic && { schematic }),
    ...(version && { version }),
    ...(platform && { platform }),
  };
}
