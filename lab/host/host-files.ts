// The files of one host: text by absolute path. Directories exist where a file or a `mkdir` put them.

/** A file, or an empty directory. */
export interface HostFile {
  readonly content: string;
  /** Permissions in octal, e.g. `644`. */
  readonly mode: string;
  readonly isDirectory?: boolean;
}

/** What commands see of a host's files. Refusals are thrown as `CommandFailure`. */
export interface HostFiles {
  read(path: string): string | undefined;
  write(path: string, content: string, mode?: string): void;
  remove(path: string): void;
  makeDirectory(path: string): void;
  isDirectory(path: string): boolean;
  mode(path: string): string | undefined;
  /** Every file and directory, sorted. */
  paths(): string[];
}
