// Several things measured in turns, A B A B and not A A B B: what else the machine does then disturbs all of them alike.

/** Takes every case once a round, and returns the measurements of each in order. */
export async function alternate<Name extends string, Sample>(
  rounds: number,
  cases: Readonly<Record<Name, () => Promise<Sample>>>,
): Promise<Record<Name, Sample[]>> {
  const names = Object.keys(cases) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, [] as Sample[]])) as Record<Name, Sample[]>;
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) samples[name].push(await cases[name]());
  }
  return samples;
}
