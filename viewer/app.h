// app.h - the viewer's state as one plain struct, and what happens between two pictures. Panels read and change it.
// No ImGui, no OpenGL: tests drive it without a window. One thread.
#pragma once
#include <mujoco/mujoco.h>

#include <memory>
#include <string>

#include "viewer/session.h"

namespace genba::viewer {

enum class SortBy { kNumber, kLength, kSuccess };

struct App {
  std::unique_ptr<DataSession> data;  // one of the two
  std::unique_ptr<LiveSession> live;

  // Player
  int frame = 0;
  bool playing = false;
  float speed = 1;    // times real time
  double behind = 0;  // [s] of episode time not yet shown
  // List
  char filter[128] = "";
  bool only_failed = false;
  SortBy sort = SortBy::kNumber;
  bool descending = false;
  // Camera
  std::string camera = "orbit";  // "orbit" | "overview" | "wrist"
  // Where the operator stands: behind the robot, a step to its right. Azimuth 0 looks along x.
  double azimuth = 28, elevation = -38, distance = 1.55;  // [deg], [deg], [m]
  double look_at[3] = {0.38, 0, 0.08};                    // [m]
  // Live
  std::string typed;
  std::string typed_order;  // chosen success order; empty: what the text means
  std::string message;      // last refusal, shown until the next action

  const datasets::Episode& episode() const { return data ? data->episode() : live->episode(); }
  const EnvSpec& spec() const { return data ? data->dataset().info().spec : live->spec(); }
  int last_frame() const { return episode().num_steps; }
  const mjModel* model() const { return data ? data->scene().model() : live->model(); }
  mjData* physics() const { return data ? data->scene().data() : live->data(); }
};

// Row numbers of the list after filter and sorting.
std::vector<int> VisibleEpisodes(const App& app);
void SelectEpisode(App& app, int k);
void ShowFrame(App& app, int frame);  // clamps
bool Follow(App& app);  // takes in what changed in the data set's folder, a shard at a time; whether anything did
void StepOn(App& app);  // one frame further; live: at the last frame the world takes a step
void Advance(App& app, double seconds);  // plays on by real time
// Live: begins again, from this seed or a later one; or with what was typed. Refusals go to app.message.
void RestartLive(App& app, std::uint64_t seed_step);
void SayLive(App& app);
// What is made of what is typed, as it is now; null while nothing is.
const Opinion* Listen(App& app);
// "act 0.9312": the answer in the step that led to this frame; "–" where none is recorded.
std::string AnswerAt(const datasets::Episode& episode, int frame);

}  // namespace genba::viewer
