import { createApp } from 'vue'
import App from './App.vue'
import { i18n } from './i18n'
import { router } from './router'
import './styles/base.css'

createApp(App).use(i18n).use(router).mount('#app')

// A page on plain http in a local network has no service worker; everything else works there.
if ('serviceWorker' in navigator && import.meta.env.PROD)
  void navigator.serviceWorker.register('/sw.js', { type: 'module' })
