// NSString and NSError, and what every class can do.

#include "objects.h"

using metal_emulation::Class;
using metal_emulation::Error;
using metal_emulation::Object;
using metal_emulation::Selector;
using metal_emulation::String;

extern "C" Object* objc_alloc(Class* type);

METAL_EMULATION_CLASS(NSString, &class_NSObject, &meta_NSObject)
METAL_EMULATION_CLASS(NSError, &class_NSObject, &meta_NSObject)

static Class meta_constant_string = {nullptr, &meta_NSString, "+NSConstantString", nullptr};
Class class_constant_string = {&meta_constant_string, &class_NSString, "NSConstantString", nullptr};

namespace metal_emulation {
namespace {

// How clang lays a constant string out.
struct ConstantString {
  Class* type;
  int flags;
  const char* text;
  long length;
};

const bool ready = [] {
  method(meta_NSObject, "new", [](Class* self, Selector) { return objc_alloc(self); });
  method(class_NSObject, "init", [](Object* self, Selector) { return self; });
  method(class_NSString, "UTF8String", [](Object* self, Selector) { return text_of(self); });
  method(meta_NSString, "stringWithUTF8String:", [](Class*, Selector, const char* text) {
    return autorelease(make_string(text));
  });
  method(class_NSError, "localizedDescription",
         [](Error* self, Selector) { return self->description.get(); });
  method(class_NSError, "code", [](Error*, Selector) { return 1L; });
  return true;
}();

}  // namespace

String* make_string(const std::string& text) {
  auto* string = make<String>(class_NSString);
  string->text = text;
  return string;
}

const char* text_of(Object* string) {
  if (string == nullptr) return "";
  if (string->type == &class_constant_string) {
    return reinterpret_cast<const ConstantString*>(string)->text;
  }
  return static_cast<String*>(string)->text.c_str();
}

Error* make_error(const std::string& text) {
  auto* error = make<Error>(class_NSError);
  String* const description = make_string(text);
  error->description = Reference<String>(description);
  release(description);
  return error;
}

void set_error(Object** place, const std::string& text) {
  if (place != nullptr) *place = autorelease(make_error(text));
}

}  // namespace metal_emulation
