// The peer of `bench tokenizer`: Hugging Face's tokenizers (npm) on the same texts. Threads: RAYON_NUM_THREADS.
// Usage: node tokenizer.cjs ORACLES TOKENIZER.json FILE.jsonl
const fs = require('fs');
const path = require('path');
const [oracles, tokenizerFile, file] = process.argv.slice(2);
const { Tokenizer } = require(path.join(oracles, 'node_modules', 'tokenizers'));

(async () => {
  const loadStart = process.hrtime.bigint();
  const tokenizer = Tokenizer.fromFile(tokenizerFile);
  const load = Number(process.hrtime.bigint() - loadStart) / 1e9;
  const texts = fs.readFileSync(file, 'utf8').split('\n').filter((line) => line !== '')
    .flatMap((line) => Object.values(JSON.parse(line)).filter((value) => typeof value === 'string'));
  let best = Infinity;
  let tokens = 0;
  for (let round = 0; round < 5; round++) {
    const start = process.hrtime.bigint();
    const encodings = await tokenizer.encodeBatch(texts, { addSpecialTokens: false });
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1e9);
    if (round === 0) tokens = encodings.reduce((sum, encoding) => sum + encoding.getLength(), 0);
  }
  console.log(JSON.stringify({ load_seconds: load, encode_seconds: best, tokens }));
})();
