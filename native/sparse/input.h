// The data set, resident as bytes, and the batch that is taken from it: gathered by image number, normalised, augmented.
#pragma once
#include "elementwise.h"
#if defined(__AVX2__)
#include <immintrin.h>
#endif

struct Images {
  int height = 0, width = 0, channels = 0;
  /** All images one after another, [row, column, channel]. */
  std::vector<uint8_t> pixels, labels;
  /** By channel: a pixel becomes pixel * scale + shift. */
  std::vector<float> scale, shift;
  size_t each() const { return size_t(height) * width * channels; }
};

class Input {
 public:
  Input(const Images& images, Tensor& out, bool cropFlip, Threads& threads) : images_(images), out_(out), cropFlip_(cropFlip), threads_(threads) {}

  /** @param indices image numbers, one for each lane of each block @param seed of the augmentation, or null for none */
  void gather(const int32_t* indices, int count, const StepSeed* seed) {
    const int blocks = out_.features ? out_.width : out_.blocks;
    std::vector<const uint8_t*> source(size_t(blocks + 16) * LANES);
    // Lanes without an image see the first one: finite values whose gradient is 0.
    for (size_t i = 0; i < source.size(); i++) source[i] = images_.pixels.data() + indices[i < size_t(count) ? i : 0] * images_.each();
    if (seed != nullptr && cropFlip_) return gatherShifted(source.data(), blocks, count, *seed);
    const int groups = (blocks * LANES + GROUP - 1) / GROUP;
    threads_.run(size_t(groups) * images_.each() < WORTH_SHARING / 4 ? 1 : threads_.count(), [&](int part) {
      const int parts = size_t(groups) * images_.each() < WORTH_SHARING / 4 ? 1 : threads_.count();
      const Range range(groups, part, parts);
      for (int g = range.from; g < range.to; g++) gatherGroup(source.data() + g * GROUP, g * (GROUP / LANES), blocks);
    });
  }

 private:
  static constexpr int GROUP = 16, PAD = 4, AHEAD = 192;
  typedef uint8_t Bytes __attribute__((vector_size(16)));
  typedef float Numbers __attribute__((vector_size(64)));

  /** 16 images: 16 bytes of each are turned around, so that one register of bytes holds one pixel of 16 images. */
  void gatherGroup(const uint8_t* const* source, int firstBlock, int blocks) {
    const size_t each = images_.each();
    const int parts = std::min(GROUP / LANES, blocks - firstBlock);
    // Where the pixel goes in the first of the blocks; the next block is so many floats further.
    float* row = out_.values.data() + (out_.features ? out_.at(0, 0, 0) + size_t(firstBlock) * LANES : out_.at(firstBlock, 0, 0));
    const size_t nextBlock = out_.features ? LANES : out_.block;
    int c = 0, x = 0;
    float* place = row;
    for (size_t from = 0; from < each; from += 16) {
      const int here = int(each - from < 16 ? each - from : 16);
      Bytes tile[16];
      for (int i = 0; i < GROUP; i++) {
        // Images lie anywhere in the data set: their next lines are asked for ahead.
        __builtin_prefetch(source[i] + from + AHEAD);
        if (here == 16) {
          memcpy(&tile[i], source[i] + from, 16);
        } else {
          tile[i] = Bytes{};
          memcpy(&tile[i], source[i] + from, here);
        }
      }
      transpose(tile);
      for (int j = 0; j < here; j++) {
        const Numbers values = numbers(tile[j]) * images_.scale[c] + images_.shift[c];
        for (int b = 0; b < parts; b++) memcpy(place + b * nextBlock, reinterpret_cast<const float*>(&values) + b * LANES, LANES * 4);
        // Pixels come as [row, column, channel].
        place += out_.plane;
        if (++c < images_.channels) continue;
        c = 0;
        if (out_.features) continue;
        if (++x == images_.width) {
          x = 0;
          row += out_.row;
        }
        place = row + size_t(x) * LANES;
      }
    }
  }

  /** The compiler alone would go through the bytes one by one. */
  static Numbers numbers(Bytes bytes) {
#if defined(__AVX512F__)
    return (Numbers)_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32((__m128i)bytes));
#elif defined(__AVX2__)
    const __m128i low = (__m128i)bytes, high = _mm_srli_si128(low, 8);
    const __m256 halves[2] = {_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(low)), _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(high))};
    Numbers values;
    memcpy(&values, halves, sizeof values);
    return values;
#else
    Numbers values;
    for (int i = 0; i < GROUP; i++) values[i] = float(bytes[i]);
    return values;
#endif
  }

  /** tile[j][i] and tile[i][j] exchanged: four rounds of interleaving halves. */
  static void transpose(Bytes* tile) {
    Bytes other[16];
    for (int round = 0; round < 4; round++) {
      for (int i = 0; i < 8; i++) {
        other[2 * i] = interleave<0>(tile[i], tile[i + 8]);
        other[2 * i + 1] = interleave<8>(tile[i], tile[i + 8]);
      }
      memcpy(tile, other, sizeof other);
    }
  }
  template <int H> static Bytes interleave(Bytes a, Bytes b) {
#if defined(__clang__)
    return __builtin_shufflevector(a, b, H, 16 + H, H + 1, 17 + H, H + 2, 18 + H, H + 3, 19 + H, H + 4, 20 + H, H + 5, 21 + H, H + 6, 22 + H, H + 7, 23 + H);
#else
    return __builtin_shuffle(a, b, Bytes{H, 16 + H, H + 1, 17 + H, H + 2, 18 + H, H + 3, 19 + H, H + 4, 20 + H, H + 5, 21 + H, H + 6, 22 + H, H + 7, 23 + H});
#endif
  }

  /** Lane 0 of the pixel (numbered [row, column, channel]) in block b. */
  float& at(size_t pixel, int b) {
    if (out_.features) return out_.values[out_.at(0, int(pixel), 0) + size_t(b) * LANES];
    const int c = int(pixel % images_.channels), x = int(pixel / images_.channels % images_.width), y = int(pixel / images_.channels / images_.width);
    return out_.values[out_.at(b, c, y) + size_t(x) * LANES];
  }

  /** Four pixels of zeros around the normalised image, a random window of the old size, and half of the images mirrored. */
  void gatherShifted(const uint8_t* const* source, int blocks, int count, const StepSeed& seed) {
    const Noise tops = Dropout::drawNoise(seed, 0), lefts = Dropout::drawNoise(seed, 1), mirrors = Dropout::drawNoise(seed, 2);
    const int height = images_.height, width = images_.width, channels = images_.channels;
    threads_.run(threads_.count(), [&](int part) {
      const Range range(blocks * LANES, part, threads_.count());
      for (int i = range.from; i < range.to; i++) {
        const int image = i < count ? i : 0;
        const int top = int(tops.at(image) * (2 * PAD + 1)) - PAD, left = int(lefts.at(image) * (2 * PAD + 1)) - PAD;
        const bool mirror = mirrors.at(image) < 0.5f;
        for (int y = 0; y < height; y++) {
          for (int x = 0; x < width; x++) {
            const int fromY = y + top, fromX = (mirror ? width - 1 - x : x) + left;
            const bool inside = fromY >= 0 && fromY < height && fromX >= 0 && fromX < width;
            const uint8_t* pixel = source[i] + (size_t(fromY) * width + fromX) * channels;
            for (int c = 0; c < channels; c++) {
              const float value = inside ? float(pixel[c]) * images_.scale[c] + images_.shift[c] : 0;
              (&at((size_t(y) * width + x) * channels + c, i / LANES))[i % LANES] = value;
            }
          }
        }
      }
    });
  }

  const Images& images_;
  Tensor& out_;
  const bool cropFlip_;
  Threads& threads_;
};
