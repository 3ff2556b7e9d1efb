#include "viewer/app.h"

#include <algorithm>
#include <cstdio>
#include <functional>

#include "core/error.h"

namespace genba::viewer {

namespace {

bool Passes(const App& app, const ListedEpisode& row) {
  const datasets::Episode& header = row.header;
  if (app.only_failed && row.trouble.empty() && header.success && header.fault == "none") return false;
  const std::string words = header.text + " " + header.language + " " + header.cause + " " + header.order + " " +
                            header.fault + " " + row.trouble;
  return words.find(app.filter) != std::string::npos;
}

void Begin(App& app, const std::function<void()>& begin) {
  app.message.clear();
  try {
    begin();
  } catch (const Error& error) {
    app.message = error.what();
  }
  app.behind = 0;
  app.playing = !app.live->ended();
  ShowFrame(app, 0);
}

}  // namespace

std::vector<int> VisibleEpisodes(const App& app) {
  std::vector<int> rows;
  const auto& listed = app.data->listed();
  for (std::size_t k = 0; k < listed.size(); ++k) {
    if (Passes(app, listed[k])) rows.push_back(static_cast<int>(k));
  }
  const auto key = [&](int k) {
    const datasets::Episode& header = listed[static_cast<std::size_t>(k)].header;
    return app.sort == SortBy::kLength    ? header.num_steps
           : app.sort == SortBy::kSuccess ? static_cast<int>(header.success)
                                          : k;
  };
  std::stable_sort(rows.begin(), rows.end(),
                   [&](int a, int b) { return app.descending ? key(a) > key(b) : key(a) < key(b); });
  return rows;
}

void SelectEpisode(App& app, int k) {
  app.data->Select(k);
  ShowFrame(app, 0);
}

void ShowFrame(App& app, int frame) {
  app.frame = std::clamp(frame, 0, app.last_frame());
  if (app.data) {
    app.data->scene().Show(app.frame);
  } else {
    app.live->Show(app.frame);
  }
}

bool Follow(App& app) {
  if (!app.data) return false;
  try {
    return app.data->Follow() || app.data->ListMore();
  } catch (const Error& error) {
    app.message = error.what();  // the set as it was read before stays usable
    return false;
  }
}

void StepOn(App& app) {
  const bool at_end = app.frame >= app.last_frame();
  if (at_end && app.live) app.live->Step();
  if (app.frame >= app.last_frame()) app.playing = false;
  ShowFrame(app, app.frame + 1);
}

void Advance(App& app, double seconds) {
  if (!app.playing) return;
  const double period = 1 / app.spec().control_hz();
  app.behind = std::min(app.behind + seconds * static_cast<double>(app.speed),
                        0.5);  // a slow machine plays slowly, it does not jump
  while (app.behind >= period) {
    app.behind -= period;
    StepOn(app);
    if (!app.playing) app.behind = 0;
  }
}

void RestartLive(App& app, std::uint64_t seed_step) {
  LiveConfig config = app.live->config();
  config.seed += seed_step;
  Begin(app, [&] { app.live->Restart(config); });
}

void SayLive(App& app) {
  Begin(app, [&] { app.live->Say(app.typed, app.typed_order); });
}

const Opinion* Listen(App& app) {
  if (app.typed.empty() && app.typed_order.empty()) return nullptr;
  try {
    return &app.live->Hear(app.typed, app.typed_order);
  } catch (const Error& error) {
    app.message = error.what();
    return nullptr;
  }
}

std::string AnswerAt(const datasets::Episode& episode, int frame) {
  const auto step = static_cast<std::size_t>(frame) - 1;  // of frame 0: more than there are
  if (step >= episode.answers.size() || step >= episode.answer_probabilities.size()) return "–";
  char text[64];
  std::snprintf(text, sizeof text, "%s %.4g", Name(static_cast<Answer>(episode.answers[step])),
                static_cast<double>(episode.answer_probabilities[step]));
  return text;
}

}  // namespace genba::viewer
