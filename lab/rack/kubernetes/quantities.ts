// Kubernetes quantities: `500m`, `2`, `128Mi`, `50Gi`.

const FACTOR: Readonly<Record<string, number>> = {
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** The number a quantity means; 0 for none. */
export function parseQuantity(text: unknown): number {
  const match = /^([\d.]+)(m|[kMGT]i?|Ki)?$/.exec(String(text ?? ""));
  return match ? Number(match[1]) * (FACTOR[match[2] ?? ""] ?? 1) : 0;
}
