// The rack's state on disk: one SQLite file for each rack, used at once by four plug-ins and the lab's command line. Says where it
// lies and how documents are read and written; what a host or a cable is, is the business of the other files in lab/rack.
import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";

/** A document's body: anything JSON can hold. */
type Body = object;

/** Documents of one kind, e.g. all hosts. Bodies are copies: a change counts when it is `put` back. */
export interface Collection<T extends Body> {
  get(id: string): T | undefined;
  /** All documents, sorted by id. */
  list(): { id: string; body: T }[];
  put(id: string, body: T): void;
  /** Reads, lets `change` edit the copy, and writes it. Throws when the document is not there. */
  edit(id: string, change: (body: T) => void): T;
  /** Whether there was one to delete. */
  delete(id: string): boolean;
}

/** How the simulation behaves; everything else about a rack is hardware or what runs on it. */
interface RackSettings {
  /** Factor on every simulated duration; 0 = no waiting. */
  readonly latencyScale: number;
  /** How long an operation waits, at most, for something that another one is bringing about, in real milliseconds. */
  readonly patienceMs: number;
  /** Address of the operator's machine. @default - see talos/ingress.ts */
  readonly operator?: string;
}

const DEFAULTS: RackSettings = { latencyScale: 0, patienceMs: 5_000 };

// Four processes share the file: a writer holds it for well under a millisecond, so this is only reached when one of them hangs.
const BUSY_TIMEOUT_MS = 15_000;

const TABLES = `
  CREATE TABLE IF NOT EXISTS document (kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS journal (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, startedAt INTEGER NOT NULL, endedAt INTEGER, provider TEXT NOT NULL, operation TEXT NOT NULL,
    preview INTEGER NOT NULL, token TEXT NOT NULL, name TEXT NOT NULL, id TEXT, outcome TEXT NOT NULL, message TEXT);
  CREATE TABLE IF NOT EXISTS fault (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, pattern TEXT NOT NULL, behaviour TEXT NOT NULL, remaining INTEGER NOT NULL, text TEXT, ms INTEGER);
`;

/** Directory that holds all racks of this project: `RACK_HOME`, or `.lab` where the command runs. */
export function rackHome(): string {
  return resolve(process.env["RACK_HOME"] ?? ".lab");
}

function fileOf(name: string): string {
  return join(rackHome(), name, "rack.sqlite");
}

/** One simulated rack. Get one from `openRack`, or from `createRack` when the hardware is being put in. */
export class Rack {
  readonly name: string;
  readonly file: string;
  readonly db: DatabaseSync;
  private readonly statements = new Map<string, StatementSync>();
  private depth = 0;
  /** Counts what this process has written, and taken back. */
  private writes = 0;
  private readonly keptValues = new Map<string, { at: string; value: unknown }>();

  constructor(name: string, file: string) {
    this.name = name;
    this.file = file;
    this.db = new DatabaseSync(file);
    this.db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    // WAL lets a preview read while an update writes; a killed plug-in cannot damage the file.
    this.db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    this.db.exec(TABLES);
  }

  /** A prepared statement, kept for the next use. */
  sql(text: string): StatementSync {
    let statement = this.statements.get(text);
    if (!statement) {
      statement = this.db.prepare(text);
      this.statements.set(text, statement);
    }
    return statement;
  }

  /** Runs `work` alone on the rack and keeps all of it or, when it throws, nothing. A transaction in a transaction joins the outer one. */
  transaction<T>(work: () => T): T {
    if (this.depth > 0) return work();
    this.db.exec("BEGIN IMMEDIATE");
    this.depth = 1;
    try {
      const result = work();
      this.db.exec("COMMIT");
      return result;
    } catch (error) {
      this.db.exec("ROLLBACK");
      this.writes += 1;
      throw error;
    } finally {
      this.depth = 0;
    }
  }

  /** Runs `work` inside a transaction, which goes on when it throws: only what `work` did is taken back. */
  savepoint<T>(work: () => T): T {
    this.db.exec("SAVEPOINT work");
    try {
      const result = work();
      this.db.exec("RELEASE work");
      return result;
    } catch (error) {
      this.db.exec("ROLLBACK TO work; RELEASE work");
      this.writes += 1;
      throw error;
    }
  }

  /** What `make` returns, made anew only when a document of the rack may have changed since: for what is costly and only read. */
  kept<T>(key: string, make: () => T): T {
    // SQLite's own counter tells of what other processes have written.
    const at = `${this.sql("PRAGMA data_version").get()?.["data_version"]}/${this.writes}`;
    const known = this.keptValues.get(key);
    if (known?.at === at) return known.value as T;
    const value = make();
    this.keptValues.set(key, { at, value });
    return value;
  }

  /** The documents of one kind. */
  collection<T extends Body>(kind: string): Collection<T> {
    const get = (id: string): T | undefined => {
      const row = this.sql("SELECT body FROM document WHERE kind = ? AND id = ?").get(kind, id);
      return row ? (JSON.parse(String(row["body"])) as T) : undefined;
    };
    const put = (id: string, body: T): void => {
      this.writes += 1;
      this.sql("INSERT INTO document VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body").run(
        kind,
        id,
        JSON.stringify(body),
      );
    };
    return {
      get,
      put,
      list: () =>
        this.sql("SELECT id, body FROM document WHERE kind = ? ORDER BY id")
          .all(kind)
          .map((row) => ({ id: String(row["id"]), body: JSON.parse(String(row["body"])) as T })),
      edit: (id, change) => {
        const body = get(id);
        if (!body) throw new Error(`rack ${this.name} has no ${kind} "${id}"`);
        change(body);
        put(id, body);
        return body;
      },
      delete: (id) => {
        this.writes += 1;
        return this.sql("DELETE FROM document WHERE kind = ? AND id = ?").run(kind, id).changes > 0;
      },
    };
  }

  /** Kinds of documents present, with how many there are: for the status display and for tests that want an empty rack. */
  census(): Record<string, number> {
    const rows = this.sql("SELECT kind, COUNT(*) AS n FROM document GROUP BY kind ORDER BY kind").all();
    return Object.fromEntries(rows.map((row) => [String(row["kind"]), Number(row["n"])]));
  }

  get settings(): RackSettings {
    return { ...DEFAULTS, ...this.collection<Partial<RackSettings>>("settings").get("rack") };
  }

  set settings(settings: RackSettings) {
    this.collection<RackSettings>("settings").put("rack", settings);
  }

  close(): void {
    this.statements.clear();
    this.db.close();
  }
}

/** Opens a rack, making an empty one where there is none: only for putting the hardware in. */
export function createRack(name: string): Rack {
  const file = fileOf(name);
  mkdirSync(join(rackHome(), name), { recursive: true });
  return new Rack(name, file);
}

/** Opens a rack that has hardware in it; refuses one that has not been prepared. */
export function openRack(name: string): Rack {
  const file = fileOf(name);
  const refusal = `rack "${name}" has no hardware in it (${file}); prepare it with "npx lab prepare ${name}", or start with "npm run up"`;
  if (!existsSync(file)) throw new Error(refusal);
  const rack = new Rack(name, file);
  if (rack.collection("host").list().length === 0) {
    rack.close();
    throw new Error(refusal);
  }
  return rack;
}
