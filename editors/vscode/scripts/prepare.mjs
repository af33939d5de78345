// What of the checkout belongs into the package: the schemas of rule files and deck.yaml, and the licence.
import { copyFileSync, mkdirSync } from "node:fs";

mkdirSync("schemas", { recursive: true });
for (const name of ["deck.schema.json", "rules.schema.json"]) copyFileSync(`../../card_rules/${name}`, `schemas/${name}`);
copyFileSync("../../LICENSE", "LICENSE");
