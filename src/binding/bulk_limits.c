#include "bulk_limits.h"

/* Of two limits that are 0 where there is none. */
static double stricter(double one, double other) {
  return other == 0 || (one > 0 && one < other) ? one : other;
}

static void apply(const struct hg_client *client, double max_rate, size_t max_concurrency) {
  hg_pace_set_rate(client->pace, max_rate);
  if (client->worker != NULL) {
    hg_worker_set_concurrency(client->worker, max_concurrency);
  }
}

void hg_bulk_limits_impose(struct hg_client *client, const struct hg_settings *settings) {
  bool first = client->runs == 0;
  client->runs++;
  client->max_rate = first ? settings->max_rate : stricter(client->max_rate, settings->max_rate);
  if (first || settings->max_concurrency < client->max_concurrency) {
    client->max_concurrency = settings->max_concurrency;
  }
  apply(client, client->max_rate, client->max_concurrency);
}

void hg_bulk_limits_lift(struct hg_client *client) {
  client->runs--;
  if (client->runs == 0) {
    const struct hg_settings *own = &client->config.settings;
    apply(client, own->max_rate, own->max_concurrency);
  }
}
