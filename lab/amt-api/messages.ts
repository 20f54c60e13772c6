// Messages of WS-Management, as far as AMT's power and boot classes need them: read by their names, whatever prefixes a client gives them.

/** What a client wants. */
export interface Message {
  /** Class without its namespace, e.g. `CIM_BootService`. */
  readonly resource: string;
  /** `Get`, or the method. */
  readonly action: string;
  readonly id: string;
  /** Simple parameters of the method. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Keys of the instance that a parameter names. */
  readonly selectors: Readonly<Record<string, string>>;
}

const SOAP = "http://www.w3.org/2003/05/soap-envelope";
const ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing";
const WSMAN = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd";
const CIM = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/";
const GET = "http://schemas.xmlsoap.org/ws/2004/09/transfer/Get";

/** An element with its content; prefixes do not matter. */
function element(text: string, name: string): string | undefined {
  return new RegExp(`<(?:\\w+:)?${name}(?:\\s[^>]*)?>([\\s\\S]*?)</(?:\\w+:)?${name}>`).exec(text)?.[1]?.trim();
}

/** Whether tags open and close in order: AMT takes nothing else. */
function isWellFormed(text: string): boolean {
  const open: string[] = [];
  for (const [, isClosing, name = "", isEmpty] of text.matchAll(/<(\/?)([\w:]+)[^>]*?(\/?)>/g)) {
    if (isClosing === "/") {
      if (open.pop() !== name) return false;
    } else if (isEmpty !== "/") open.push(name);
  }
  return open.length === 0;
}

function selectorsOf(text: string): Record<string, string> {
  const found = text.matchAll(/<(?:\w+:)?Selector\s+(?:\w+:)?Name="([^"]*)"\s*>([^<]*)</g);
  return Object.fromEntries([...found].map(([, name = "", value = ""]) => [name, value]));
}

/** Reads a request; a text says what is wrong with it. */
export function readMessage(text: string): Message | string {
  if (!isWellFormed(text)) return "the message is not well-formed XML";
  if (!text.includes(`"${SOAP}"`) || !text.includes(`"${ADDRESSING}"`) || !text.includes(`"${WSMAN}"`))
    return "the message lacks a namespace of SOAP 1.2, WS-Addressing or WS-Management";
  const header = element(text, "Header") ?? "";
  const [action, uri, id] = ["Action", "ResourceURI", "MessageID"].map((name) => element(header, name));
  if (!action || !uri || !id || element(header, "To") === undefined)
    return "the header lacks Action, To, ResourceURI or MessageID";
  if (!uri.startsWith(CIM)) return `no class is at ${uri}`;
  const resource = uri.slice(CIM.length);
  if (action === GET) return { resource, action: "Get", id, parameters: {}, selectors: {} };
  const method = action.startsWith(`${uri}/`) ? action.slice(uri.length + 1) : "";
  const input = element(text, `${method}_INPUT`);
  if (method === "" || input === undefined) return `the action ${action} does not go with ${uri} and the body`;
  if (!new RegExp(`xmlns(:\\w+)?="${uri}"`).test(text)) return `the parameters are not in the namespace ${uri}`;
  const simple = [...input.matchAll(/<(?:\w+:)?(\w+)>([^<]+)<\//g)].map(([, name = "", value = ""]) => [
    name,
    value.trim(),
  ]);
  return { resource, action: method, id, parameters: Object.fromEntries(simple), selectors: selectorsOf(input) };
}

function envelope({ resource, id }: Pick<Message, "resource" | "id">, action: string, body: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><a:Envelope xmlns:a="${SOAP}" xmlns:b="${ADDRESSING}" xmlns:c="${WSMAN}" xmlns:g="${CIM}${resource}"><a:Header><b:To>${ADDRESSING}/role/anonymous</b:To><b:RelatesTo>${id}</b:RelatesTo><b:Action a:mustUnderstand="true">${action}</b:Action><b:MessageID>uuid:00000000-8086-8086-8086-000000000001</b:MessageID><c:ResourceURI>${CIM}${resource}</c:ResourceURI></a:Header><a:Body>${body}</a:Body></a:Envelope>`;
}

/** The answer to a Get. */
export function getResponse(message: Message, properties: string): string {
  return envelope(message, `${GET}Response`, `<g:${message.resource}>${properties}</g:${message.resource}>`);
}

/** The answer to a method. */
export function methodResponse(message: Message, returnValue: number): string {
  const { resource, action } = message;
  const output = `<g:${action}_OUTPUT><g:ReturnValue>${returnValue}</g:ReturnValue></g:${action}_OUTPUT>`;
  return envelope(message, `${CIM}${resource}/${action}Response`, output);
}

/** A fault. */
export function fault(code: string, text: string): string {
  const reason = text.replace(/[<>&]/g, " ");
  return `<?xml version="1.0" encoding="UTF-8"?><a:Envelope xmlns:a="${SOAP}" xmlns:b="${ADDRESSING}" xmlns:wsman="${WSMAN}" xmlns:wsa="${ADDRESSING}"><a:Header><b:Action a:mustUnderstand="true">${ADDRESSING}/fault</b:Action></a:Header><a:Body><a:Fault><a:Code><a:Value>a:Sender</a:Value><a:Subcode><a:Value>${code}</a:Value></a:Subcode></a:Code><a:Reason><a:Text xml:lang="en-US">${reason}</a:Text></a:Reason></a:Fault></a:Body></a:Envelope>`;
}
