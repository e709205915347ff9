"""The pages: what the API answers, for people. Server-rendered, in English and Chinese, without scripts but for comfort."""
