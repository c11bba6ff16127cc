// Verifies mails with mailauth (https://github.com/postalsys/mailauth), which is nobody's code of ours.
//
//   node verify.mjs < cases.json
//
// cases.json: { "records": { "s._domainkey.example.org": "v=DKIM1; …" }, "mails": ["base64", …] }
// Answers, a line each, with the signatures of each mail in order: [{ "algorithm", "result", "comment", "signed" }].
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { text } from 'node:stream/consumers';

const { records, mails } = JSON.parse(await text(process.stdin));

async function resolver(name, type) {
  if (type === 'TXT' && Object.hasOwn(records, name)) {
    return [[records[name]]];
  }

  throw Object.assign(new Error(`No ${type} for ${name}`), { code: 'ENOTFOUND' });
}

for (const mail of mails) {
  const { results } = await dkimVerify(Buffer.from(mail, 'base64'), { resolver });
  console.log(JSON.stringify(results.map(({ algo, status, signingHeaders }) => (
    { algorithm: algo, result: status.result, comment: status.comment ?? '', signed: (signingHeaders?.keys ?? '').toLowerCase() }))));
}
