// The JSON Schema, written from the same table that the validator reads.
#include "sim/scenario/document.hpp"
#include "sim/scenario/shape.hpp"

namespace mailscope::scenario {
namespace {

Json schema_of(const Shape& shape) {
  Json out = Json::object();
  switch (shape.kind) {
    case Shape::Kind::object: {
      out["type"] = "object";
      out["additionalProperties"] = false;
      Json required = Json::array();
      Json properties = Json::object();
      for (const Property& property : shape.properties) {
        Json child = schema_of(*property.shape);
        child["description"] = property.doc;
        properties[property.key] = std::move(child);
        if (property.required) required.push_back(property.key);
      }
      out["properties"] = std::move(properties);
      if (!required.empty()) out["required"] = std::move(required);
      if (!shape.exactly_one.empty()) {
        out["oneOf"] = Json::array();
        for (const auto& key : shape.exactly_one)
          out["oneOf"].push_back({{"required", Json::array({key})}});
      }
      break;
    }
    case Shape::Kind::map:
      out["type"] = "object";
      out["propertyNames"] = {{"pattern", "^(" + shape.key_pattern + ")$"}, {"maxLength", 253}};
      out["additionalProperties"] = schema_of(*shape.item);
      out["minProperties"] = shape.minimum;
      out["maxProperties"] = shape.maximum;
      break;
    case Shape::Kind::list:
      out["type"] = "array";
      out["items"] = schema_of(*shape.item);
      out["minItems"] = shape.minimum;
      out["maxItems"] = shape.maximum;
      break;
    case Shape::Kind::text:
      out["type"] = "string";
      if (!shape.values.empty()) {
        out["enum"] = shape.values;
      } else {
        if (!shape.pattern.empty()) out["pattern"] = "^(" + shape.pattern + ")$";
        out["maxLength"] = shape.maximum;
      }
      break;
    case Shape::Kind::integer:
      out["type"] = "integer";
      out["minimum"] = shape.minimum;
      out["maximum"] = shape.maximum;
      break;
    case Shape::Kind::boolean:
      out["type"] = "boolean";
      break;
    case Shape::Kind::scalar:
      out["type"] = Json::array({"integer", "string"});
      break;
    case Shape::Kind::one_of:
      out["anyOf"] = Json::array();
      for (const Shape* option : shape.choices) out["anyOf"].push_back(schema_of(*option));
      break;
  }
  return out;
}

}  // namespace

std::string scenario_schema() {
  Json out = Json::object();
  out["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  out["$id"] = "https://mailscope.example/scenario.schema.json";
  out["title"] = "Mailscope scenario";
  const Json root = schema_of(scenario_shape());  // outlives the loop over its items
  for (const auto& [key, value] : root.items()) out[key] = value;
  return out.dump(2) + "\n";
}

}  // namespace mailscope::scenario
