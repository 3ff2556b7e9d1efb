// view.h - non-owning views of row-major arrays. The owner must outlive the view; no thread rules of their
// own.
#pragma once
#include <cstddef>
#include <span>

#include "core/error.h"

namespace genba {

// [rows, cols], row-major and dense.
template <class T>
class View2 {
 public:
  View2() = default;
  View2(T* data, int rows, int cols) : data_(data), rows_(rows), cols_(cols) {}
  View2(std::span<T> data, int rows, int cols) : data_(data.data()), rows_(rows), cols_(cols) {
    GENBA_CHECK(data.size() == static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols),
                "array does not have rows x cols elements");
  }
  // View2<float> is usable where View2<const float> is asked for.
  template <class U>
  requires(std::is_same_v<const U, T>) View2(const View2<U>& other)
      : data_(other.data()), rows_(other.rows()), cols_(other.cols()) {}

  T* data() const { return data_; }
  int rows() const { return rows_; }
  int cols() const { return cols_; }
  std::span<T> row(int r) const {
    return {data_ + static_cast<std::ptrdiff_t>(r) * cols_, static_cast<std::size_t>(cols_)};
  }
  T& operator()(int r, int c) const { return data_[static_cast<std::ptrdiff_t>(r) * cols_ + c]; }

 private:
  T* data_ = nullptr;
  int rows_ = 0;
  int cols_ = 0;
};

}  // namespace genba
