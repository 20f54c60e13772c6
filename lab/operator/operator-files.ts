// Files of the machine the program is run from. What lies under /tmp is gone with the run, as on a machine that was switched off.
import type { HostFile } from "../host/host-files.ts";
import { RackFiles } from "../host/rack-files.ts";
import type { Rack } from "../rack/store.ts";

const isTemporary = (path: string) => path.startsWith("/tmp/");

export class OperatorFiles extends RackFiles {
  private readonly temporary = new Map<string, HostFile>();
  private readonly lasting: ReturnType<typeof lastingFiles>;

  constructor(rack: Rack) {
    super(rack, "operator");
    this.lasting = lastingFiles(rack);
  }

  private at(path: string): HostFile | undefined {
    return isTemporary(path) ? this.temporary.get(path) : this.lasting.get(path);
  }

  private put(path: string, file: HostFile): void {
    if (isTemporary(path)) this.temporary.set(path, file);
    else this.lasting.put(path, file);
  }

  override read(path: string): string | undefined {
    const file = this.at(path);
    return file === undefined || file.isDirectory === true ? undefined : file.content;
  }

  override write(path: string, content: string, mode?: string): void {
    this.put(path, { content, mode: mode ?? this.at(path)?.mode ?? "600" });
  }

  override remove(path: string): void {
    if (isTemporary(path)) this.temporary.delete(path);
    else this.lasting.delete(path);
  }

  override makeDirectory(path: string): void {
    if (!this.isDirectory(path)) this.put(path, { content: "", mode: "700", isDirectory: true });
  }

  override isDirectory(path: string): boolean {
    const isThere = ["/", "/tmp", "/root"].includes(path) || this.at(path)?.isDirectory === true;
    return isThere || this.paths().some((file) => file.startsWith(`${path}/`));
  }

  override mode(path: string): string | undefined {
    return this.at(path)?.mode;
  }

  override paths(): string[] {
    return [...this.temporary.keys(), ...this.lasting.list().map(({ id }) => id)].sort();
  }
}

/** What a run left behind: snapshots of etcd. */
function lastingFiles(rack: Rack) {
  return rack.collection<HostFile>("operator-file");
}
