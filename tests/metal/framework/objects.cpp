#include "objects.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <vector>

using metal_emulation::Class;
using metal_emulation::Method;
using metal_emulation::Object;
using metal_emulation::Selector;

extern "C" Method metal_emulation_find(Object* object, Selector name);

// objc_msgSend: finds the method, and jumps to it with all arguments as they came. A message to nil
// returns zero.
#if defined(__x86_64__)
asm(R"(
.text
.globl objc_msgSend
.type objc_msgSend,@function
objc_msgSend:
  test %rdi, %rdi
  je 1f
  push %rbp
  mov %rsp, %rbp
  sub $192, %rsp
  mov %rdi, (%rsp)
  mov %rsi, 8(%rsp)
  mov %rdx, 16(%rsp)
  mov %rcx, 24(%rsp)
  mov %r8, 32(%rsp)
  mov %r9, 40(%rsp)
  mov %rax, 48(%rsp)
  movaps %xmm0, 64(%rsp)
  movaps %xmm1, 80(%rsp)
  movaps %xmm2, 96(%rsp)
  movaps %xmm3, 112(%rsp)
  call metal_emulation_find@PLT
  mov %rax, %r11
  mov (%rsp), %rdi
  mov 8(%rsp), %rsi
  mov 16(%rsp), %rdx
  mov 24(%rsp), %rcx
  mov 32(%rsp), %r8
  mov 40(%rsp), %r9
  mov 48(%rsp), %rax
  movaps 64(%rsp), %xmm0
  movaps 80(%rsp), %xmm1
  movaps 96(%rsp), %xmm2
  movaps 112(%rsp), %xmm3
  leave
  jmp *%r11
1:
  xor %eax, %eax
  xor %edx, %edx
  xorps %xmm0, %xmm0
  ret
)");
#else
#error "the emulation's objc_msgSend is written for x86-64 only"
#endif

METAL_EMULATION_CLASS(NSObject, nullptr, nullptr)

namespace metal_emulation {
namespace {

std::mutex methods_lock;
thread_local std::vector<Object*> autoreleased;

// Classes, and strings in the program's text, live for ever, and are no more than their class says.
bool is_immortal(const Object* object) {
  return object == nullptr || object->type->meta == nullptr ||
         object->type == &class_constant_string;
}

}  // namespace

void refuse(const char* format, ...) {
  std::fputs("Metal emulation: ", stderr);
  va_list arguments;
  va_start(arguments, format);
  std::vfprintf(stderr, format, arguments);
  va_end(arguments);
  std::fputc('\n', stderr);
  std::abort();
}

void add_method(Class& type, Selector name, Method method) {
  const std::lock_guard<std::mutex> lock(methods_lock);
  if (type.methods == nullptr) type.methods = new std::map<std::string, Method>;
  (*type.methods)[name] = method;
}

Object* retain(Object* object) {
  if (!is_immortal(object)) ++object->references;
  return object;
}

void release(Object* object) {
  if (!is_immortal(object) && --object->references == 0) object->destroy(object);
}

Object* autorelease(Object* object) {
  if (!is_immortal(object)) autoreleased.push_back(object);
  return object;
}

}  // namespace metal_emulation

Method metal_emulation_find(Object* object, Selector name) {
  const std::lock_guard<std::mutex> lock(metal_emulation::methods_lock);
  for (const Class* type = object->type; type != nullptr; type = type->parent) {
    if (type->methods == nullptr) continue;
    const auto found = type->methods->find(name);
    if (found != type->methods->end()) return found->second;
  }
  metal_emulation::refuse("%s does not know the message %s", object->type->name, name);
}

// What clang's code for ARC calls.
extern "C" {
using namespace metal_emulation;  // of retain, release and autorelease

Object* objc_retain(Object* object) { return retain(object); }
void objc_release(Object* object) { release(object); }
Object* objc_autorelease(Object* object) { return autorelease(object); }
Object* objc_retainAutorelease(Object* object) { return autorelease(retain(object)); }
Object* objc_autoreleaseReturnValue(Object* object) { return autorelease(object); }
Object* objc_retainAutoreleaseReturnValue(Object* object) { return autorelease(retain(object)); }
Object* objc_retainAutoreleasedReturnValue(Object* object) { return retain(object); }
Object* objc_claimAutoreleasedReturnValue(Object* object) { return retain(object); }
Object* objc_unsafeClaimAutoreleasedReturnValue(Object* object) { return object; }

void objc_storeStrong(Object** place, Object* object) {
  retain(object);
  Object* const before = *place;
  *place = object;
  release(before);
}

void* objc_autoreleasePoolPush() { return reinterpret_cast<void*>(autoreleased.size() + 1); }

void objc_autoreleasePoolPop(void* pool) {
  const size_t kept = reinterpret_cast<size_t>(pool) - 1;
  while (autoreleased.size() > kept) {
    Object* const object = autoreleased.back();
    autoreleased.pop_back();
    release(object);
  }
}

Object* objc_alloc(Class* type) {
  const auto alloc = reinterpret_cast<Object* (*)(Class*, Selector)>(
      metal_emulation_find(reinterpret_cast<Object*>(type), "alloc"));
  return alloc(type, "alloc");
}
Object* objc_alloc_init(Class* type) { return objc_alloc(type); }
Object* objc_opt_new(Class* type) { return objc_alloc(type); }
}
