// The messages of WS-Management (DSP0226, SOAP 1.2) that a first boot by AMT takes. All of them are constants: AMT has one machine to manage.

const cim = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2";
const addressing = "http://schemas.xmlsoap.org/ws/2004/08/addressing";
const anonymous = `${addressing}/role/anonymous`;

/** Asks for the machine's state: `PowerState` of the answer, as CIM_AssociatedPowerManagementService counts them (2 on, 6 and 8 off). */
export const powerStateMessage: string = envelope(
  "CIM_AssociatedPowerManagementService",
  "http://schemas.xmlsoap.org/ws/2004/09/transfer/Get",
  "",
);

/** Puts PXE before everything else in AMT's one boot configuration. */
export const pxeFirstMessage: string = call(
  "CIM_BootConfigSetting",
  "ChangeBootOrder",
  `<m:Source>${reference("CIM_BootSourceSetting", { InstanceID: "Intel(r) AMT: Force PXE Boot" })}</m:Source>`,
);

/** Has the next start, and that one only, go by that configuration (role 1: IsNextSingleUse). */
export const bootOnceMessage: string = call(
  "CIM_BootService",
  "SetBootConfigRole",
  `<m:BootConfigSetting>${reference("CIM_BootConfigSetting", { InstanceID: "Intel(r) AMT: Boot Configuration 0" })}</m:BootConfigSetting><m:Role>1</m:Role>`,
);

/** Switches the machine on (state 2). */
export const powerOnMessage: string = call(
  "CIM_PowerManagementService",
  "RequestPowerStateChange",
  `<m:PowerState>2</m:PowerState><m:ManagedElement>${reference("CIM_ComputerSystem", { CreationClassName: "CIM_ComputerSystem", Name: "ManagedSystem" })}</m:ManagedElement>`,
);

function call(service: string, method: string, parameters: string): string {
  const input = `<m:${method}_INPUT xmlns:m="${cim}/${service}">${parameters}</m:${method}_INPUT>`;
  return envelope(service, `${cim}/${service}/${method}`, input);
}

/** Names an instance of a class. */
function reference(name: string, selectors: Readonly<Record<string, string>>): string {
  const chosen = Object.entries(selectors).map(([key, value]) => `<w:Selector Name="${key}">${value}</w:Selector>`);
  return `<a:Address>${addressing}</a:Address><a:ReferenceParameters><w:ResourceURI>${cim}/${name}</w:ResourceURI><w:SelectorSet>${chosen.join("")}</w:SelectorSet></a:ReferenceParameters>`;
}

function envelope(resource: string, action: string, body: string): string {
  const header = [
    `<a:Action>${action}</a:Action>`,
    "<a:To>/wsman</a:To>",
    `<w:ResourceURI>${cim}/${resource}</w:ResourceURI>`,
    "<a:MessageID>1</a:MessageID>",
    `<a:ReplyTo><a:Address>${anonymous}</a:Address></a:ReplyTo>`,
    "<w:OperationTimeout>PT60S</w:OperationTimeout>",
  ].join("");
  const spaces = `xmlns="http://www.w3.org/2003/05/soap-envelope" xmlns:a="${addressing}" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"`;
  return `<?xml version="1.0" encoding="utf-8"?><Envelope ${spaces}><Header>${header}</Header><Body>${body}</Body></Envelope>`;
}
