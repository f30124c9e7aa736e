// Writes the Parquet files of tests/DftNative.Tests/Fixtures/parquet with two independent writers: Arrow's Rust one
// (npm parquet-wasm, with apache-arrow) and hyparquet-writer (JavaScript). The tests read a part of them.
//
//   npm install parquet-wasm@0.8.0 apache-arrow@21.2.0 hyparquet-writer@0.17.0 && node generate.mjs OUTPUT
import { writeFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import * as arrow from 'apache-arrow'
import * as wasm from 'parquet-wasm'
import { parquetWriteBuffer } from 'hyparquet-writer'

const folder = process.argv[2]
mkdirSync(folder, { recursive: true })

// Every kind of absence: null texts, null, empty and long lists, null members; repeated texts for the dictionary.
const rows = Array.from({ length: 24 }, (_, i) => ({
  id: i * (i % 2 ? -1 : 1) * 1_000_003,
  score: i % 5 === 4 ? null : i / 8,
  chosen: i % 3 === 0,
  problem: i % 7 === 6 ? null : `Problem ${i % 4}: Σ ${'x'.repeat(i)} 😀\n`,
  solution: `Answer "${i}" \\ ${i % 2 ? '' : '\u0000é'}`,
  tokens: i % 6 === 5 ? null : Array.from({ length: i % 4 }, (_, k) => (k === 2 ? null : i * 10 + k)),
  messages: i % 8 === 7 ? null : Array.from({ length: i % 4 }, (_, k) => ({
    content: k === 2 ? null : `turn ${k} of row ${i}`, role: k % 2 ? 'assistant' : 'user',
  })),
}))
writeFileSync(join(folder, 'rows.jsonl'), rows.map(row => JSON.stringify(row)).join('\n') + '\n')

const text = new arrow.Utf8()
const message = new arrow.Struct([new arrow.Field('content', text, true), new arrow.Field('role', text, true)])
const types = {
  id: new arrow.Int32(), score: new arrow.Float64(), chosen: new arrow.Bool(), problem: text, solution: text,
  tokens: new arrow.List(new arrow.Field('item', new arrow.Int32(), true)),
  messages: new arrow.List(new arrow.Field('item', message, true)),
}
const columns = Object.fromEntries(Object.entries(types).map(([name, type]) => [name, arrow.vectorFromArray(rows.map(row => row[name]), type)]))
const ipc = arrow.tableToIPC(new arrow.Table(columns), 'stream')

for (const codec of ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'BROTLI', 'ZSTD', 'LZ4_RAW']) {
  for (const version of [1, 2]) {
    for (const dictionary of [true, false]) {
      const properties = new wasm.WriterPropertiesBuilder()
        .setCompression(wasm.Compression[codec])
        .setWriterVersion(version === 1 ? wasm.WriterVersion.V1 : wasm.WriterVersion.V2)
        .setDictionaryEnabled(dictionary)
        .setMaxRowGroupSize(10)
        .build()
      // Without a dictionary the second version's default encodings are the delta ones.
      const name = `arrow-${codec.toLowerCase()}-v${version}-${dictionary ? 'dictionary' : version === 1 ? 'plain' : 'delta'}.parquet`
      writeFileSync(join(folder, name), wasm.writeParquet(wasm.Table.fromIPCStream(ipc), properties))
    }
  }
}

const basic = ['id', 'score', 'chosen', 'problem', 'solution']
const kinds = { id: 'INT32', score: 'DOUBLE', chosen: 'BOOLEAN', problem: 'STRING', solution: 'STRING' }
for (const codec of ['UNCOMPRESSED', 'SNAPPY']) {
  const columnData = basic.map(name => ({ name, data: rows.map(row => row[name]), type: kinds[name] }))
  writeFileSync(join(folder, `hyparquet-${codec.toLowerCase()}.parquet`), Buffer.from(parquetWriteBuffer({ columnData, codec, rowGroupSize: 9 })))
}
