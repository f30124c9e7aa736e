// Encodes every line of a file, each a JSON string, with Hugging Face's tokenizers, and decodes the ids again.
// Usage: node encode.cjs ORACLES TOKENIZER.json INPUT OUTPUT; a line of OUTPUT is {"ids": […], "special": […], "text": "…"}.
const fs = require('fs');
const path = require('path');
const [oracles, tokenizerFile, input, output] = process.argv.slice(2);
const { Tokenizer } = require(path.join(oracles, 'node_modules', 'tokenizers'));

(async () => {
  const tokenizer = Tokenizer.fromFile(tokenizerFile);
  const out = fs.createWriteStream(output);
  for (const line of fs.readFileSync(input, 'utf8').split('\n')) {
    if (line === '') continue;
    const text = JSON.parse(line);
    const ids = (await tokenizer.encode(text, null, { addSpecialTokens: false })).getIds();
    const special = (await tokenizer.encode(text, null, { addSpecialTokens: true })).getIds();
    out.write(JSON.stringify({ ids, special, text: await tokenizer.decode(ids, false) }) + '\n');
  }
  out.end();
})();
