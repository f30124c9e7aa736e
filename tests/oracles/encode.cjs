// Encodes every line of a file, each a JSON string, with Hugging Face's tokenizers, and decodes the ids again.
// Usage: node encode.cjs ORACLES TOKENIZER.json INPUT OUTPUT; a line of OUTPUT is {"ids": […], "special": […], "text": "…"};
// special, the ids with special tokens added, of a tenth of the texts: they differ from ids at the ends only.
const fs = require('fs');
const path = require('path');
const [oracles, tokenizerFile, input, output] = process.argv.slice(2);
const { Tokenizer } = require(path.join(oracles, 'node_modules', 'tokenizers'));

(async () => {
  const tokenizer = Tokenizer.fromFile(tokenizerFile);
  const texts = fs.readFileSync(input, 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));
  const lines = [];
  for (let start = 0; start < texts.length; start += 1000) {
    const part = texts.slice(start, start + 1000);
    const ids = (await tokenizer.encodeBatch(part, { addSpecialTokens: false })).map((encoding) => encoding.getIds());
    const special = (await tokenizer.encodeBatch(part.filter((_, i) => i % 10 === 0), { addSpecialTokens: true })).map((encoding) => encoding.getIds());
    const decoded = await tokenizer.decodeBatch(ids, false);
    part.forEach((_, i) => lines.push(JSON.stringify({ ids: ids[i], special: i % 10 === 0 ? special[i / 10] : null, text: decoded[i] })));
  }
  fs.writeFileSync(output, lines.join('\n') + '\n');
})();
