#include "sim/parts/part.h"

#include <array>

#include "core/error.h"
#include "sim/parts/shapes.h"

namespace genba::sim {

namespace {

using Eigen::Vector3d;

// Half extents and widths follow from the Draw functions.
const std::array<ShapeInfo, kNumPartShapes> kShapes{{
    // in PartShape order
    {{0.034, 0.0155, 0.0125}, 0.020, 0.080, DrawBolt},
    {{0.0208, 0.018, 0.012}, 0.036, 0.070, DrawNut},
    {{0.0275, 0.0275, 0.010}, 0.048, 0.090, DrawGear},
}};

const std::array<Rgba, kNumPartColours> kColours{{{0.82f, 0.12f, 0.12f, 1},
                                                  {0.13f, 0.32f, 0.85f, 1},
                                                  {0.10f, 0.60f, 0.22f, 1},
                                                  {0.95f, 0.78f, 0.08f, 1},
                                                  {0.52f, 0.20f, 0.68f, 1},
                                                  {0.94f, 0.94f, 0.94f, 1}}};

// [m] How deep a part begins in what it lies on. At rest it lies 37 to 114 µm deep, by shape; begun at 0, rounding would
// decide whether the first step has a contact, and the same text would fall 0.3 mm in one program and not in another.
constexpr double kSunk = 30e-6;
constexpr double kParkedDepth = -0.60;   // [m] under the table top
constexpr double kParkedDamping = 5000;  // [N·s/m]: an absent part sinks by a fifth of a millimetre a second

const ShapeInfo& Info(PartShape shape) { return kShapes[static_cast<std::size_t>(shape)]; }

// Slots must have equal numbers of geoms: what a shape does not use is a speck inside it, and an absent part is all
// specks.
void FillUnused(ShapeContext& c) {
  for (; c.num_collision < kPartCollisionGeoms; ++c.num_collision) AddSpeck(c.body, Collision::kNothing);
  for (; c.num_drawn < kPartGeoms - kPartCollisionGeoms; ++c.num_drawn) AddSpeck(c.body, Collision::kNone);
}

GeomStyle Style(const ShapeContext& c, double shade, bool collides) {
  const auto s = static_cast<float>(shade);
  return {{c.rgba.r * s, c.rgba.g * s, c.rgba.b * s, 1.0f}, collides ? Collision::kPart : Collision::kNone, "part"};
}

}  // namespace

void ShapeContext::CollidingBox(const Vector3d& centre, const Vector3d& half) {
  GENBA_CHECK(num_collision < kPartCollisionGeoms && num_drawn == 0,
              "colliding geoms come first, at most kPartCollisionGeoms");
  mjsGeom* geom = AddBox(body, "", centre * size, half * size, Style(*this, 1, true));
  geom->friction[0] = friction;
  ++num_collision;
}

void ShapeContext::CollidingCylinder(const Vector3d& from, const Vector3d& to, double radius) {
  GENBA_CHECK(num_collision < kPartCollisionGeoms && num_drawn == 0,
              "colliding geoms come first, at most kPartCollisionGeoms");
  mjsGeom* geom = AddCylinder(body, "", from * size, to * size, radius * size, Style(*this, 1, true));
  geom->friction[0] = friction;
  ++num_collision;
}

void ShapeContext::Box(const Vector3d& centre, const Vector3d& half, double yaw, double shade) {
  AddBox(body, "", centre * size, half * size, Style(*this, shade, false),
         Eigen::Quaterniond(Eigen::AngleAxisd(yaw, Vector3d::UnitZ())));
  ++num_drawn;
}

void ShapeContext::Cylinder(const Vector3d& from, const Vector3d& to, double radius, double shade) {
  AddCylinder(body, "", from * size, to * size, radius * size, Style(*this, shade, false));
  ++num_drawn;
}

Rgba PartRgba(PartColour colour) { return kColours[static_cast<std::size_t>(colour)]; }
Vector3d PartHalfSize(PartShape shape, double size) { return Info(shape).half * size; }
double PartGraspWidth(PartShape shape, double size) { return Info(shape).grasp_width * size; }
double PartMass(const PartSpec& part) {
  return Info(part.shape).mass * part.size * part.size * part.size * part.density_scale;
}

void AddPart(mjSpec* spec, const PartSpec& part, int index) {
  const std::string name = "part" + std::to_string(index);
  const Vector3d half = PartHalfSize(part.shape, part.size);
  const double height = part.present ? half.z() - kSunk : kParkedDepth - 0.05 * index;
  mjsBody* body = AddBody(mjs_findBody(spec, "world"), name, {part.position.x(), part.position.y(), height},
                          Eigen::Quaterniond(Eigen::AngleAxisd(part.yaw, Vector3d::UnitZ())));
  mjsJoint* free = mjs_addJoint(body, nullptr);
  mjs_setName(free->element, (name + "_free").c_str());
  free->type = mjJNT_FREE;
  if (!part.present) free->damping[0] = kParkedDamping, body->sleep = mjSLEEP_INIT;
  const double mass = PartMass(part);
  const Vector3d square = half.cwiseProduct(half);
  SetInertia(body, mass, Vector3d::Zero(),
             mass / 3 * Vector3d(square.y() + square.z(), square.x() + square.z(), square.x() + square.y()));
  ShapeContext context{body, part.size, PartRgba(part.colour), part.friction};
  if (part.present) Info(part.shape).draw(context);
  FillUnused(context);
}

}  // namespace genba::sim
