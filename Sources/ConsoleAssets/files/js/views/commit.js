// One commit's journey: where it goes, and how far it has come in each place.

import { h } from "../dom.js";
import { repositoryName, short, time } from "../format.js";
import { stateBadge } from "../icons.js";
import { avatar, empty, loading, tally, tallyBar } from "../parts.js";
import { link } from "../router.js";
import { store } from "../store.js";
import { t } from "../strings.js";
import { sentence } from "./fleet.js";

export function commitPage(commit) {
  const title = `${t.commit.title} ${short(commit)}`;
  if (!store.isLoaded) return { name: "commit", title, content: loading() };
  const applications = [...store.applications.values()].filter((one) => one.desired?.commit.startsWith(commit) || one.applied?.commit.startsWith(commit));
  if (applications.length === 0) return {
    name: "commit", title, content: empty(t.commit.none, null, h("a.button", { href: "/" }, t.backToFleet)),
  };
  applications.sort((one, other) => one.verdict.rank - other.verdict.rank || (one.id < other.id ? -1 : 1));
  const first = applications[0];
  const revision = first.desired?.commit.startsWith(commit) ? first.desired : first.applied;
  return {
    name: "commit", title, key: `commit/${commit}`,
    content: [
      h("nav.crumbs", { "aria-label": "Breadcrumb" },
        h("a", { href: "/" }, t.nav.fleet),
        h("span", {}, repositoryName(first.repository)),
      ),
      h("div.title", {}, h("h1", {}, revision.subject)),
      h("p.byline", {},
        avatar(revision.author),
        h("b", {}, revision.author),
        h("span.sha", { title: revision.commit }, revision.commit.slice(0, 12)),
        h("span.quiet", {}, time(revision.time)),
      ),
      h("section.summary", {}, tallyBar(tally(applications))),
      h("section.panel", {},
        h("header", {}, h("h2", {}, t.commit.applications), h("span.quiet", {}, t.commit.lede(applications.length))),
        h("ul.rows", { "data-rows": true },
          applications.map((application) => {
            const isThere = application.applied?.commit === revision.commit;
            return h("li", { key: application.id },
              h("a.journey", { href: link.application(application.id), "data-row": true },
                h("span.journey-name", {},
                  h("b", {}, application.namespace),
                  h("span.where", {}, application.cluster),
                ),
                stateBadge(application.verdict),
                h("span.sentence", {}, sentence(application) || (isThere ? "" : t.commit.waiting)),
                h("span.steps", {},
                  step(t.app.applied, isThere ? application.appliedAt : null),
                  step(t.app.healthy, isThere ? application.healthyAt : null),
                ),
              ),
            );
          }),
        ),
      ),
    ],
  };
}

const step = (word, moment) => h("span.step", { class: moment ? "is-done" : "" },
  h("span.quiet", {}, word),
  moment ? time(moment) : h("span.quiet", {}, t.app.notYet),
);
