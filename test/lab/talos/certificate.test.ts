import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { createAuthority, endOf, isIssuedBy, isKeyOf, issueCertificate } from "../../../lab/rack/talos/certificate.ts";
import { decode, generateSecrets, issueClient, wantsRenewal } from "../../../lab/rack/talos/secrets.ts";

const now = new Date("2026-03-01T00:00:00Z");

describe("certificates of the rack", () => {
  for (const kind of ["ed25519", "p256"] as const) {
    it(`are real X.509 with ${kind} keys: verified by their authority, refused by another`, () => {
      const authority = createAuthority({ organization: "talos" }, kind, now);
      const other = createAuthority({ organization: "talos" }, kind, now);
      const client = issueCertificate(authority, { organization: "os:admin" }, kind, now, 365);
      const parsed = new X509Certificate(client.cert);
      assert.equal(parsed.issuer, "O=talos");
      assert.equal(parsed.subject, "O=os:admin");
      assert.equal(new X509Certificate(authority.cert).ca, true);
      assert.equal(isIssuedBy(client.cert, authority.cert), true);
      assert.equal(isIssuedBy(client.cert, other.cert), false, "same name, other key");
      assert.equal(isKeyOf(client.key, client.cert), true);
      assert.equal(isKeyOf(authority.key, client.cert), false);
    });
  }

  it("end when they were said to", () => {
    const authority = createAuthority({ organization: "talos" }, "p256", now);
    const client = issueCertificate(authority, { commonName: "admin" }, "p256", now, 365);
    assert.equal(endOf(client.cert).toISOString(), "2027-03-01T00:00:00.000Z");
  });

  it("of two generated bundles do not fit each other", () => {
    const [one, two] = [generateSecrets(now), generateSecrets(now)];
    const client = decode(issueClient(one, now).clientCertificate);
    assert.equal(isIssuedBy(client, decode(one.certs.os.cert)), true);
    assert.equal(isIssuedBy(client, decode(two.certs.os.cert)), false);
    assert.notEqual(one.cluster.id, two.cluster.id);
  });

  it("are renewed in their last month, not before", () => {
    const end = new Date("2027-03-01T00:00:00Z");
    assert.equal(wantsRenewal(end, new Date("2027-01-29T00:00:00Z")), false);
    assert.equal(wantsRenewal(end, new Date("2027-01-31T00:00:00Z")), true);
  });
});
