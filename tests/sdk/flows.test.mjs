// The flows of meilisearch-js's README, with the stock package, against the server at MEILISEARCH_URL.
import assert from "node:assert/strict";
import { before, test } from "node:test";

import { Meilisearch, MeiliSearchApiError } from "meilisearch";
import { generateTenantToken } from "meilisearch/token";

const client = new Meilisearch({
  host: process.env.MEILISEARCH_URL,
  apiKey: process.env.MEILISEARCH_KEY,
});
const index = client.index("movies");
const movies = [
  { id: 1, title: "Carol", genres: ["Romance", "Drama"] },
  { id: 2, title: "Wonder Woman", genres: ["Action", "Adventure"] },
  { id: 3, title: "Life of Pi", genres: ["Adventure", "Drama"] },
  { id: 4, title: "Mad Max: Fury Road", genres: ["Adventure", "Science Fiction"] },
  { id: 5, title: "Moana", genres: ["Fantasy", "Action"] },
  { id: 6, title: "Philadelphia", genres: ["Drama"] },
];
const titles = (answer) => answer.hits.map((hit) => hit.title);

const fails = (call, code) => assert.rejects(call, (error) => error.cause?.code === code);

async function succeeded(enqueued) {
  const task = await enqueued.waitTask({ timeout: 60_000 });
  assert.equal(task.status, "succeeded", JSON.stringify(task));
  return task;
}

before(async () => {
  const enqueued = await index.addDocuments(movies);
  assert.equal(enqueued.status, "enqueued");
  assert.equal(enqueued.type, "documentAdditionOrUpdate");
  const task = await client.tasks.waitForTask(enqueued.taskUid, { timeout: 60_000 });
  assert.equal(task.status, "succeeded");
  assert.deepEqual(task.details, { receivedDocuments: 6, indexedDocuments: 6 });
  await succeeded(index.updateFilterableAttributes(["id", "genres"]));
});

test("the server is there", async () => {
  assert.deepEqual(await client.health(), { status: "available" });
  assert.equal(await client.isHealthy(), true);
  assert.match((await client.getVersion()).pkgVersion, /^1\.\d+\.\d+$/);
});

test("basic search is typo-tolerant", async () => {
  const answer = await index.search("philoudelphia");
  assert.deepEqual(titles(answer), ["Philadelphia"]);
  assert.equal(answer.estimatedTotalHits, 1);
  assert.equal(answer.limit, 20);
  assert.equal(answer.offset, 0);
  assert.equal(answer.query, "philoudelphia");
});

test("search parameters: highlighting", async () => {
  const answer = await index.search("wonder", { attributesToHighlight: ["*"] });
  assert.deepEqual(answer.hits, [
    {
      id: 2,
      title: "Wonder Woman",
      genres: ["Action", "Adventure"],
      _formatted: { id: "2", title: "<em>Wonder</em> Woman", genres: ["Action", "Adventure"] },
    },
  ]);
});

test("custom search with filters", async () => {
  const answer = await index.search("wonder", { filter: ["id > 1 AND genres = Action"] });
  assert.deepEqual(titles(answer), ["Wonder Woman"]);
});

test("placeholder search with facets", async () => {
  const answer = await index.search("", { filter: ["genres = fantasy"], facets: ["genres"] });
  assert.deepEqual(titles(answer), ["Moana"]);
  assert.deepEqual(answer.facetDistribution, { genres: { Action: 1, Fantasy: 1 } });
  const everything = await index.search("", { facets: ["genres", "id"] });
  assert.equal(everything.facetDistribution.genres.Drama, 3);
  assert.deepEqual(everything.facetStats, { id: { min: 1, max: 6 } });
});

test("a search by GET, and one by pages", async () => {
  assert.deepEqual(titles(await index.searchGet("pi", { limit: 1 })), ["Life of Pi"]);
  const page = await index.search("", { hitsPerPage: 4, page: 2 });
  assert.deepEqual([page.hits.length, page.totalHits, page.totalPages], [2, 6, 2]);
});

test("an abortable search", async () => {
  const controller = new AbortController();
  const search = index.search("wonder", {}, { signal: controller.signal });
  controller.abort();
  await assert.rejects(search);
  assert.deepEqual(titles(await index.search("wonder")), ["Wonder Woman"]);
});

test("multi-search", async () => {
  const { results } = await client.multiSearch({
    queries: [
      { indexUid: "movies", q: "moana" },
      { indexUid: "movies", q: "", filter: "genres = Drama", limit: 2 },
    ],
  });
  assert.deepEqual(results.map((one) => one.indexUid), ["movies", "movies"]);
  assert.deepEqual(titles(results[0]), ["Moana"]);
  assert.equal(results[1].hits.length, 2);
  assert.equal(results[1].estimatedTotalHits, 3);
});

test("settings", async () => {
  const rules = await index.getRankingRules();
  await succeeded(index.updateSettings({ stopWords: ["of", "the"], sortableAttributes: ["title"] }));
  const settings = await index.getSettings();
  assert.deepEqual(settings.stopWords, ["of", "the"]);
  assert.deepEqual(settings.filterableAttributes, ["id", "genres"]);
  assert.deepEqual(settings.displayedAttributes, ["*"]);
  const sorted = await index.search("", { sort: ["title:desc"], limit: 2 });
  assert.deepEqual(titles(sorted), ["Wonder Woman", "Philadelphia"]);
  await succeeded(index.updateSynonyms({ movie: ["film"] }));
  assert.deepEqual(await index.getSynonyms(), { movie: ["film"] });
  await succeeded(index.resetSynonyms());
  assert.deepEqual(await index.getSynonyms(), {});
  await succeeded(index.updateRankingRules(["words", "typo"]));
  assert.deepEqual(await index.getRankingRules(), ["words", "typo"]);
  await succeeded(index.resetSettings());
  assert.deepEqual(await index.getRankingRules(), rules);
  await succeeded(index.updateFilterableAttributes(["id", "genres"]));
});

test("documents", async () => {
  assert.deepEqual(await index.getDocument(3), movies[2]);
  const listed = await index.getDocuments({ limit: 3, fields: ["id"] });
  assert.deepEqual([listed.results.length, listed.total, listed.limit], [3, 6, 3]);
  const filtered = await index.getDocuments({ filter: "genres = Drama" });
  assert.deepEqual(filtered.results.map((one) => one.id).sort(), [1, 3, 6]);
  await succeeded(index.updateDocuments([{ id: 3, year: 2012 }]));
  assert.deepEqual(await index.getDocument(3), { ...movies[2], year: 2012 });
  await succeeded(index.addDocuments([movies[2]]));
  assert.deepEqual(await index.getDocument(3), movies[2]);
});

test("deleting documents", async () => {
  const shelf = client.index("shelf");
  const batches = shelf.addDocumentsInBatches([...Array(50).keys()].map((id) => ({ id, odd: id % 2 })), 20);
  for (const batch of batches) await succeeded(batch);
  await succeeded(shelf.updateFilterableAttributes(["odd"]));
  await succeeded(shelf.deleteDocument(0));
  await succeeded(shelf.deleteDocuments([1, 2, 3]));
  assert.equal((await shelf.getStats()).numberOfDocuments, 46);
  await succeeded(shelf.deleteDocuments({ filter: "odd = 1" }));
  assert.equal((await shelf.getStats()).numberOfDocuments, 23);
  await succeeded(shelf.deleteAllDocuments());
  assert.equal((await shelf.getStats()).numberOfDocuments, 0);
  await succeeded(client.deleteIndex("shelf"));
  await fails(client.getIndex("shelf"), "index_not_found");
});

test("indexes and tasks", async () => {
  await succeeded(client.createIndex("books", { primaryKey: "isbn" }));
  assert.equal((await client.getIndex("books")).primaryKey, "isbn");
  const indexes = await client.getIndexes();
  assert.deepEqual(indexes.results.map((one) => one.uid), ["books", "movies"]);
  assert.equal((await client.getStats()).indexes.movies.numberOfDocuments, 6);
  const tasks = await client.tasks.getTasks({ types: ["indexCreation"], limit: 1 });
  assert.equal(tasks.results[0].indexUid, "books");
  await succeeded(client.deleteIndex("books"));
});

const as = (apiKey) => new Meilisearch({ host: process.env.MEILISEARCH_URL, apiKey }).index("movies");

test("API keys", async () => {
  const expiresAt = new Date(Date.now() + 3_600_000);
  const key = await client.createKey({ name: "n", actions: ["search"], indexes: ["mov*"], expiresAt });
  assert.equal(key.key.length, 64);
  assert.deepEqual((await as(key.key).search("carol")).hits.map((hit) => hit.id), [1]);
  await fails(as(key.key).getDocuments(), "invalid_api_key");
  assert.equal((await client.getKey(key.key)).uid, key.uid);
  assert.equal((await client.updateKey(key.uid, { description: "d" })).description, "d");
  const keys = await client.getKeys();
  assert.equal(keys.total, 5);
  assert.equal(keys.results[0].uid, key.uid);
  await client.deleteKey(key.uid);
  await fails(as(key.key).search("carol"), "invalid_api_key");
});

test("tenant tokens", async () => {
  const key = await client.createKey({ actions: ["search"], indexes: ["*"], expiresAt: null });
  const parent = { apiKey: key.key, apiKeyUid: key.uid };
  const searchRules = { movies: { filter: "genres = Drama" } };
  const token = await generateTenantToken({ ...parent, searchRules });
  const found = await as(token).search("", { filter: "id > 1" });
  assert.deepEqual(found.hits.map((hit) => hit.id).sort(), [3, 6]);
  await fails(as(token).getDocuments(), "invalid_api_key");
  const other = await generateTenantToken({ ...parent, searchRules: ["books"] });
  await fails(as(other).search(""), "invalid_api_key");
  await client.deleteKey(key.uid);
  await fails(as(token).search(""), "invalid_api_key");
});

test("errors are Meilisearch's", async () => {
  await assert.rejects(client.index("nothing").search("x"), (error) => {
    assert.ok(error instanceof MeiliSearchApiError);
    assert.equal(error.cause.code, "index_not_found");
    return true;
  });
  await fails(index.search("x", { filter: "title = x" }), "invalid_search_filter");
  await fails(index.getDocument(100), "document_not_found");
  const failed = await index.addDocuments([{ title: "no id" }]).waitTask({ timeout: 60_000 });
  assert.equal(failed.status, "failed");
  assert.equal(failed.error.code, "missing_document_id");
  const stranger = new Meilisearch({ host: process.env.MEILISEARCH_URL, apiKey: "wrong" });
  await fails(stranger.index("movies").search("x"), "invalid_api_key");
});
