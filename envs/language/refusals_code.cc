// Orders written as program code, in both languages: a family that is never trained on. No pattern is held out within it,
// for all of it is.
#include "envs/language/refusal_grammar.h"

namespace genba::envs {

FamilyPatterns EnglishCode() {
  return {"held_out.code",
          {{"SELECT * FROM parts WHERE colour = '{colour}' AND shape = '{shape}' LIMIT {number};"},
           {"parts = [p for p in scene if p.shape == '{shape}' and p.colour == '{colour}'][:{number}]"}},
          {{"robot.pick(\"{colour} {shape}\", {number}).place(\"{where} bin\");"},
           {"{\"action\": \"put\", \"colour\": \"{colour}\", \"shape\": \"{shape}\", \"n\": {number}, \"bin\": "
            "\"{where}\"}"},
           {"UPDATE parts SET bin = '{where}' WHERE colour = '{colour}' AND shape = '{shape}' LIMIT {number};"},
           {"mv table/{colour}_{shape}_{number} {where}_bin/"},
           {"for i in range({number}): put({colour}_{shape}[i], {where}_bin)"},
           {"<put colour=\"{colour}\" shape=\"{shape}\" count=\"{number}\" bin=\"{where}\"/>"},
           {"if (seen({colour}_{shape}) >= {number}) { place(bin.{where}); }"},
           {"$ put --part={shape} --colour={colour} --count={number} --bin={where}"}},
          {{"robot.move_above(\"{colour} {shape}\", {number});"},
           {"{\"action\": \"go\", \"colour\": \"{colour}\", \"shape\": \"{shape}\", \"index\": {number}}"},
           {"gripper.position = {colour}_{shape}[{number}].position + [0, 0, 0.1]"},
           {"<hover colour=\"{colour}\" shape=\"{shape}\" index=\"{number}\"/>"},
           {"while (distance(gripper, {colour}_{shape}) > 0.0{number}) { step(); }"},
           {"$ go --above={shape} --colour={colour} --index={number}"}},
          true};
}

FamilyPatterns JapaneseCode() {
  return {"held_out.code",
          {{"SELECT * FROM 部品表 WHERE 色 = '{colour}' AND 形 = '{shape}' LIMIT {number};"},
           {"候補 = [p for p in 部品 if p.形 == '{shape}' and p.色 == '{colour}'][:{number}]"}},
          {{"robot.取る(\"{colour}\", \"{shape}\", {number}).置く(\"{where}\");"},
           {"{\"動作\": \"入れる\", \"色\": \"{colour}\", \"形\": \"{shape}\", \"数\": {number}, \"箱\": \"{where}\"}"},
           {"UPDATE 部品表 SET 箱 = '{where}' WHERE 色 = '{colour}' AND 形 = '{shape}' LIMIT {number};"},
           {"mv 机/{colour}_{shape}_{number} 箱/{where}/"},
           {"for i in range({number}): put(部品[\"{colour}\"][\"{shape}\"][i], \"{where}\")  # 箱に入れる"},
           {"<入れる 色=\"{colour}\" 形=\"{shape}\" 数=\"{number}\" 箱=\"{where}\"/>"},
           {"if (数える(\"{colour}\", \"{shape}\") >= {number}) { 置く(\"{where}\"); }"}},
          {{"robot.移動(\"{colour}\", \"{shape}\", {number});"},
           {"{\"動作\": \"移動\", \"色\": \"{colour}\", \"形\": \"{shape}\", \"番号\": {number}}"},
           {"手先.位置 = 部品[\"{colour}\"][\"{shape}\"][{number}].位置 + [0, 0, 0.1]  # 真上"},
           {"<移動 色=\"{colour}\" 形=\"{shape}\" 番号=\"{number}\"/>"},
           {"while (距離(手先, \"{colour}\", \"{shape}\") > 0.0{number}) { step(); }"}},
          true};
}

}  // namespace genba::envs
