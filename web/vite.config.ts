import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { VitePWA } from 'vite-plugin-pwa'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [
    vue(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src',
      filename: 'sw.ts',
      injectRegister: false,
      manifest: {
        name: '全市一张图 OneMap',
        short_name: '一张图',
        lang: 'zh-CN',
        start_url: '/m',
        scope: '/',
        display: 'standalone',
        background_color: '#fafaf7',
        theme_color: '#0b5c63',
        icons: [{ src: '/icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any maskable' }],
      },
      injectManifest: {
        globPatterns: ['**/*.{js,mjs,css,html,svg}'],
        // The phone works offline; the console and the leaders' board do not need to.
        globIgnores: ['**/ConsolePage-*', '**/BoardPage-*'],
        maximumFileSizeToCacheInBytes: 4_000_000,
      },
    }),
  ],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  worker: { format: 'es' },
  build: { target: 'es2022', chunkSizeWarningLimit: 1500 },
  server: { proxy: { '/api': 'http://127.0.0.1:8000', '/tiles': 'http://127.0.0.1:8000' } },
  test: { environment: 'happy-dom', css: true, include: ['src/**/*.test.ts'] },
})
