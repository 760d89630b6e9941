#pragma once

#include <atomic>
#include <map>
#include <string>

// An Objective-C run time that is just enough for messages and ARC: clang's code for
// -fobjc-runtime=macosx refers to selectors by the address of their names, so that a selector is
// its name and no image has to be loaded.

namespace metal_emulation {

using Selector = const char*;
using Method = void (*)();

struct Object;

struct Class {
  Class* meta;  // the class of the class; null for a metaclass
  Class* parent;
  const char* name;
  std::map<std::string, Method>* methods;  // made on first use: classes are ready before main()
};

// The beginning of every object. `destroy` is called when the last reference is gone.
struct Object {
  Class* type;
  std::atomic<long> references{1};
  void (*destroy)(Object*) = nullptr;
};

// Ends the process with a message, as Metal's validation layer does.
[[noreturn, gnu::format(printf, 1, 2)]] void refuse(const char* format, ...);

template <class T>
T* make(Class& type) {
  auto* object = new T;
  object->type = &type;
  object->destroy = [](Object* dead) { delete static_cast<T*>(dead); };
  return object;
}

Object* retain(Object* object);
void release(Object* object);

template <class T>
T* retained(T* object) {
  retain(object);
  return object;
}

// An object that lives until the autorelease pool ends.
Object* autorelease(Object* object);

// A reference that counts.
template <class T>
class Reference {
 public:
  Reference() = default;
  explicit Reference(T* object) : object_(retained(object)) {}
  Reference(const Reference& other) : object_(retained(other.object_)) {}
  Reference& operator=(Reference other) {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Reference() { release(object_); }

  T* get() const { return object_; }
  T* operator->() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  T* object_ = nullptr;
};

void add_method(Class& type, Selector name, Method method);

// Adds a method to a class; `body` is a lambda without captures of (self, selector, arguments...).
template <class Body>
void method(Class& type, Selector name, Body body) {
  add_method(type, name, reinterpret_cast<Method>(+body));
}

// Strings and errors.
struct String : Object {
  std::string text;
};
struct Error : Object {
  Reference<String> description;
};
String* make_string(const std::string& text);
const char* text_of(Object* string);
// Leaves an error in `place`, which may be null.
void set_error(Object** place, const std::string& text);
Error* make_error(const std::string& text);

}  // namespace metal_emulation

// A class and its metaclass under the names that compiled code uses.
#define METAL_EMULATION_CLASS(name, parent_class, parent_meta)                       \
  extern ::metal_emulation::Class class_##name __asm__("OBJC_CLASS_$_" #name);       \
  ::metal_emulation::Class meta_##name = {nullptr, parent_meta, "+" #name, nullptr}; \
  ::metal_emulation::Class class_##name = {&meta_##name, parent_class, #name, nullptr};

extern metal_emulation::Class class_NSObject __asm__("OBJC_CLASS_$_NSObject");
extern metal_emulation::Class meta_NSObject;

// The class of @"..." in the program's text.
extern metal_emulation::Class class_constant_string __asm__("__CFConstantStringClassReference");
