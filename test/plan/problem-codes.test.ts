// Every problem is raised by the mistake it is for, in the words a person reads, and by nothing else.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { problemCodes } from "../../plan/problem-codes.ts";
import { fixtures, problemsOf, rawEnvironment, readValid, repository, shown } from "../support/configs.ts";
import { problemFixtures, raised } from "../support/problem-fixtures.ts";

const all = problemFixtures();
const codeOf = (line: string): string => /\[([a-z0-9-]+)\]$/.exec(line)?.[1] ?? "";
const source = ["plan", "config"]
  .flatMap((folder) => readdirSync(join(repository, folder)).map((file) => join(repository, folder, file)))
  .filter((file) => file.endsWith(".ts") && !file.endsWith("problem-codes.ts"))
  .map((file) => readFileSync(file, "utf8"))
  .join("\n");

describe("problem codes", () => {
  it("have a fixture each, and no fixture is left over", () => {
    assert.deepEqual(
      all.map((fixture) => fixture.code),
      [...problemCodes].sort(),
    );
  });

  it("are all raised somewhere", () => {
    assert.deepEqual(
      problemCodes.filter((code) => !source.includes(`"${code}"`)),
      [],
    );
  });

  it("are listed in order, each once", () => {
    assert.deepEqual([...problemCodes], [...new Set(problemCodes)].sort());
  });

  for (const { code, cases } of all) {
    describe(code, () => {
      for (const one of cases) {
        if (one.test !== undefined) {
          it(`is raised in ${one.test}`, () => {
            const test = join(repository, one.test ?? "");
            assert.ok(existsSync(test), `${one.test} is missing`);
            assert.ok(readFileSync(test, "utf8").includes(code), `${one.test} does not mention ${code}`);
          });
          continue;
        }
        it(one.about, () => {
          assert.deepEqual(raised(one), one.problems);
          assert.ok(
            one.problems.some((line) => codeOf(line) === code),
            "the fixture must raise the code it is named after",
          );
        });
      }
    });
  }

  it("say what to do wherever they stop the preview", () => {
    const errors = all
      .flatMap(({ cases }) => cases.flatMap(({ problems }) => problems))
      .filter((line) => line.startsWith("error"));
    assert.deepEqual(
      errors.filter((line) => !/; |did you mean /.test(line)),
      [],
    );
  });
});

describe("valid descriptions", () => {
  const names = ["homelab", "ms01", ...readdirSync(join(fixtures, "valid")).map((file) => file.replace(/\.yaml$/, ""))];

  for (const name of names) {
    it(`${name} is accepted`, () => {
      assert.deepEqual(
        shown(problemsOf(rawEnvironment(name))).filter((line) => line.startsWith("error")),
        [],
      );
    });
  }

  for (const name of names.slice(2)) {
    it(`${name} draws its warnings and notes, and no others`, () => {
      assert.deepEqual(shown(problemsOf(rawEnvironment(name))), readValid(name).problems ?? []);
    });
  }
});
